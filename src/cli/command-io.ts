// What a command may touch of the process around it, so that a test can run a command without one.
// Commands read and write only through this; they never call process.exit.
import type { Readable, Writable } from "node:stream";

/** The streams and environment variables a command works with. */
export interface CommandIo {
  readonly stdin: Readable;
  /** Results. */
  readonly stdout: Writable;
  /** Problems and usage errors. */
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}
