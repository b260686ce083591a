// The log: one JSON line per event on standard output, or a readable line if that is a terminal.
// The only file that imports pino.
import { pino } from "pino";
import type { Logger } from "pino";
import { pinoPretty } from "./pretty.ts";

export type { Logger };

/** A logger for `level` and above; `silent` logs nothing. */
export function createLog(level: string): Logger {
  if (level === "silent") return pino({ level });
  const settings = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  // Synchronous: the line that says why the process exits must be written before it does.
  return process.stdout.isTTY ? pino(settings, pinoPretty()) : pino(settings, pino.destination({ fd: 1, sync: true }));
}
