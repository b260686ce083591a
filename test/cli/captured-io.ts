// Runs a command in this process with streams that keep what is written. Knows no command.
import { Readable, Writable } from "node:stream";
import type { CommandIo } from "../../src/cli/command-io.ts";

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `command` with `stdin` as text and only the variables of `env`. */
export async function capture(
  command: (io: CommandIo) => Promise<number>,
  { stdin = "", env = {} }: { stdin?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exitCode = await command({
    stdin: Readable.from([stdin]),
    stdout: keep(stdout),
    stderr: keep(stderr),
    env,
  });
  return { exitCode, stdout: stdout.join(""), stderr: stderr.join("") };
}

function keep(texts: string[]): Writable {
  return new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      texts.push(String(text));
      done();
    },
  });
}
