// A promise with a timeout. The promise itself goes on after it, but nothing waits for its result.
// Leaves no timer behind.

/** Resolves with the result of `promise`, or with undefined after `timeoutMs` milliseconds. */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  const first = await Promise.race([promise, timeout]);
  clearTimeout(timer);
  return first;
}
