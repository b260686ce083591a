// The part of the process that a command may use; tests give it another one.
// Commands read and write only through this, and never call process.exit.
import type { Readable, Writable } from "node:stream";

/** The streams and environment variables of a command. */
export interface CommandIo {
  readonly stdin: Readable;
  /** Results. */
  readonly stdout: Writable;
  /** Problems and usage errors. */
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}
