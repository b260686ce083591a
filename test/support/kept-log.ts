// The log of a server in this process: its lines as they are written.
import { LogOutput } from "../../src/observe/log-output.ts";

export interface KeptLog {
  readonly output: LogOutput;
  lines(): string[];
  /** The lines as objects, without level and time. */
  entries(): Record<string, unknown>[];
}

export function keptLog(): KeptLog {
  let text = "";
  const output = new LogOutput((bytes, done) => {
    text += bytes.toString();
    setImmediate(() => done(null, bytes.length));
  });
  const lines = (): string[] => text.split("\n").slice(0, -1);
  const entries = (): Record<string, unknown>[] =>
    lines().map((line) => {
      const { level: _level, time: _time, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
  return { output, lines, entries };
}
