// A server as the composition root makes it, without what the library adds: objects that are not valid are problems,
// and what is wrong with the start is told by `ready`.
import type { OptionSettings } from "../../src/config/option-row.ts";
import type { OptionTable } from "../../src/config/option-table.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { createLog } from "../../src/observe/log.ts";
import type { LogOutput } from "../../src/observe/log-output.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";

export type { Server };

export interface EngineSettings extends OptionSettings<OptionTable> {
  paths?: readonly string[];
  objects?: readonly unknown[];
  /** Where the log goes. */
  output?: LogOutput;
}

/** Starts a server in this process. Throws a `SettingsError` on a bad setting. */
export function startEngine({ paths = [], objects = [], output, ...settings }: EngineSettings): Server {
  const options = optionsFromSettings({ ...settings });
  const log = createLog(options.logLevel, output);
  return startServer(options, { paths, objects, log, ...(output && { output }) });
}
