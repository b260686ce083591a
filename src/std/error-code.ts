// The operating system's code of a failed call: what callers tell apart and show to the operator.
// Never hides a fault of our own: errors without a code go on.

/** The code of a system error, e.g. `ENOENT`; throws what is no system error. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}
