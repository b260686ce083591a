// Work that is asked for again while it runs: it runs once more after that, however often it was asked for.
// Has no timer, and knows nothing of the work.

/** A function that runs `work`, never twice at a time. `work` must not reject. */
export function coalesce(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isDue = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (isDue) {
      isDue = false;
      await work();
    }
    isRunning = false;
  };
  return () => {
    isDue = true;
    if (!isRunning) void run();
  };
}
