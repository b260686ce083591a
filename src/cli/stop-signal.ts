// The signals of a command: SIGTERM and SIGINT stop it, and SIGHUP at a terminal; elsewhere SIGHUP has it read its
// files again; others do nothing.
// The command itself shuts down after the first one; the second one ends the process.
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNAL_NUMBERS;
/** A parent such as npm passes on a signal to its process group: two within this time are one. */
const SAME_SIGNAL_MS = 100;

/** Resolves at the first stop signal. A second one ends the process at once, with the exit code of a shell. */
export function untilStopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    let first: { readonly signal: StopSignal; readonly atMs: number } | undefined;
    const onSignal = (signal: StopSignal): void => {
      const atMs = performance.now();
      if (first?.signal === signal && atMs - first.atMs < SAME_SIGNAL_MS) return;
      // Not by the default action of the signal: the kernel ignores that for process 1 of a container.
      if (first !== undefined) process.exit(128 + SIGNAL_NUMBERS[signal]);
      first = { signal, atMs };
      resolve(undefined);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    // The terminal is gone. Elsewhere SIGHUP asks for files to be read again.
    if (process.stdout.isTTY) process.on("SIGHUP", onSignal);
  });
}

/**
 * SIGHUP calls `onReload`, unless it says that the terminal is gone. SIGQUIT ends the process at once. SIGUSR1 would
 * open the runtime's inspector and SIGUSR2 end the process: they do nothing.
 */
export function handleOtherSignals(onReload: () => void): void {
  process.on("SIGUSR1", () => undefined);
  process.on("SIGUSR2", () => undefined);
  process.on("SIGQUIT", () => process.exit(128 + SIGNAL_NUMBERS.SIGQUIT));
  if (!process.stdout.isTTY) process.on("SIGHUP", onReload);
}
