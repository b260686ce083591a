// How a command that runs until it is told to stop hears of it: SIGTERM and SIGINT.
// Ends nothing itself but at the second signal; what has to be finished is the command's affair.
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNAL_NUMBERS;
/** A signal to a whole process group comes twice where a parent, as npm, passes it on: within this time it is one. */
const SAME_SIGNAL_MS = 100;

/** Resolves at the first stop signal; a second one ends the process at once, as a shell would report it. */
export function untilStopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    let first: { readonly signal: StopSignal; readonly atMs: number } | undefined;
    const onSignal = (signal: StopSignal): void => {
      const atMs = performance.now();
      if (first?.signal === signal && atMs - first.atMs < SAME_SIGNAL_MS) return;
      // By exit code rather than by the default action: the kernel keeps that from process 1 of a container.
      if (first !== undefined) process.exit(128 + SIGNAL_NUMBERS[signal]);
      first = { signal, atMs };
      resolve(undefined);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}
