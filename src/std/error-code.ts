// The code of a failed system call, for callers to distinguish and to show to the operator.
// Never hides a bug: errors without a code are thrown again.

/** The code of a system error, e.g. `ENOENT`; throws any other error. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}
