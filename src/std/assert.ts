// A broken promise of our own code: stop rather than serve a wrong answer. Never for bad packets (those are values)
// or bad files (those are problems).

/** Throws an `AssertionError` with `message` when `condition` does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** A fault of this program, never of the network or of the operator. */
export class AssertionError extends Error {
  override name = "AssertionError";
}
