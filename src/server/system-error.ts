// A system call of the C library that failed, with the name of its error as Node.js has it.
// Numbers are those of Linux on x64 and arm64.
import type { Libc } from "./libc.ts";

const ERRNO_CODES: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [11, "EAGAIN"],
  [13, "EACCES"],
  [24, "EMFILE"],
  [97, "EAFNOSUPPORT"],
  [98, "EADDRINUSE"],
  [99, "EADDRNOTAVAIL"],
  [111, "ECONNREFUSED"],
]);

/** A failed system call; `code` is a name such as `EADDRINUSE`, as in node's errors. */
export class SystemError extends Error {
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** The result of `call` if it is not negative; throws a `SystemError` otherwise. */
export function checkCall(libc: Libc, call: string, result: number): number {
  if (result >= 0) return result;
  const errno = libc.errno();
  throw new SystemError(call, ERRNO_CODES.get(errno) ?? `E${errno}`);
}
