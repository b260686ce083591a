// What programs import: a server inside their process, and its types. planes/server.ts builds the server.
// docs/options.md explains the settings.
import type { Counts } from "./answer/counters.ts";
import type { OptionSettings } from "./config/option-row.ts";
import type { OptionTable } from "./config/option-table.ts";
import type { Options } from "./config/options.ts";
import type { ListenAddress } from "./net/listen-address.ts";
import { optionsFromSettings, SettingsError } from "./config/settings.ts";
import type { Problem } from "./objects/problem.ts";
import { createLog } from "./observe/log.ts";
import { ListenError } from "./server/listen-error.ts";
import { startServer } from "./planes/server.ts";
import type { Server } from "./planes/server.ts";

export { ListenError, SettingsError };
export type { Counts, ListenAddress, Options, Problem, Server };

/**
 * The settings of `serve`: every option of the command, with the comment of its row in config/option-table.ts. Defaults
 * are those of the flags, except where the row has an `embeddedDefault`.
 */
export interface ServeSettings extends OptionSettings<OptionTable> {
  /** Manifest files and folders (recursive), which are watched. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, with or without `paths`. */
  objects?: readonly unknown[];
}

/**
 * Starts a server in this process. Throws a `SettingsError` on a bad setting. `ready` rejects with a `ListenError` if
 * an address is not available, and with a `SourceError` if a path does not exist.
 */
export function serve({ paths = [], objects = [], ...settings }: ServeSettings): Server {
  const options = optionsFromSettings({ ...settings });
  return startServer(options, { paths, objects, log: createLog(options.logLevel) });
}
