// Readable log lines by pino-pretty.
// Runs in this thread: a pino transport would start another one.
import pretty from "pino-pretty";

/** A stream for pino that writes readable lines to standard output. */
export function pinoPretty(): NodeJS.WritableStream {
  return pretty({ sync: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname" });
}
