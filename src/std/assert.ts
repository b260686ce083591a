// Assertions: a bug in this program stops it before it serves a wrong answer. Never for bad packets (those are values)
// or bad files (those are problems).

/** Throws an `AssertionError` with `message` unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** A bug in this program, never a fault of the network or the operator. */
export class AssertionError extends Error {
  override name = "AssertionError";
}
