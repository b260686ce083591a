// Long work in slices: a generator that yields wherever it may pause, and returns its result. The caller runs it at
// once, or with pauses in which the event loop turns.

/** Work that may pause at each yield. During a pause no other code may change the data that it works on. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** Runs the work to its end without a pause. */
export function runAtOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Runs the work; waits for `pause` before the next slice whenever `isDue` returns true. */
export async function runWithPauses<T>(work: Sliced<T>, isDue: () => boolean, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (isDue()) await pause();
  }
}
