// The log: one JSON line per event, or a readable line if the output is a terminal.
// The only file that imports pino.
import { pino } from "pino";
import type { Logger } from "pino";
import { LogOutput } from "./log-output.ts";
import { prettyTo } from "./pretty.ts";

export type { Logger };

/** A logger for `level` and above, which writes to `output`; `silent` logs nothing. The level may change later. */
export function createLog(level: string, output?: LogOutput): Logger {
  // Programs that never want a log need not have an output opened.
  if (level === "silent" && output === undefined) return pino({ level });
  const settings = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const to = output ?? LogOutput.standard();
  const log = pino(settings, to.isTerminal ? prettyTo(to) : to);
  to.onLost = (count) => log.warn({ count }, "log lines were lost, because the log could not be written");
  return log;
}
