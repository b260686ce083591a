// Readable log lines by pino-pretty.
// Runs in this thread: a pino transport would start another one.
import { Writable } from "node:stream";
import pretty from "pino-pretty";
import type { LogOutput } from "./log-output.ts";

/** A stream for pino that writes readable lines to `output`. */
export function prettyTo(output: LogOutput): NodeJS.WritableStream {
  const destination = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      output.write(String(line));
      done();
    },
  });
  return pretty({
    destination,
    colorize: pretty.isColorSupported,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
  });
}
