// Log lines for people: what pino-pretty makes of pino's JSON.
// In this process: a pino transport would start a thread for it.
import pretty from "pino-pretty";

/** A stream for pino that writes readable lines to standard output. */
export function pinoPretty(): NodeJS.WritableStream {
  return pretty({ sync: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname" });
}
