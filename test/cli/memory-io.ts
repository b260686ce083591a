// A CommandIo that keeps what a command writes.
import { PassThrough, Readable } from "node:stream";
import type { CommandIo } from "../../src/cli/command-io.ts";

/** `out` and `err` give the text written so far. */
export interface MemoryIo extends CommandIo {
  out(): string;
  err(): string;
}

/** An io with these environment variables and nothing on standard input. */
export function memoryIo(env: CommandIo["env"] = {}): MemoryIo {
  const texts = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr"): PassThrough => {
    const stream = new PassThrough();
    stream.on("data", (chunk: Buffer) => (texts[name] += chunk.toString()));
    return stream;
  };
  return {
    stdin: Readable.from([]),
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env,
    out: () => texts.stdout,
    err: () => texts.stderr,
  };
}
