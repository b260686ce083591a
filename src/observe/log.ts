// The log: pino, one JSON line an event on standard output, a readable line where that is a terminal.
// The only file that imports pino.
import { pino } from "pino";
import type { Logger } from "pino";
import { pinoPretty } from "./pretty.ts";

export type { Logger };

/** `silent` makes no line at all. */
export function createLog(level: string): Logger {
  if (level === "silent") return pino({ level });
  const settings = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  // Synchronous: a line that tells why the process ends is out before it does.
  return process.stdout.isTTY ? pino(settings, pinoPretty()) : pino(settings, pino.destination({ fd: 1, sync: true }));
}
