// What programs import: a server inside their process, with its types. Builds nothing itself: planes/server.ts does.
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
 * What `serve` takes: every option of the command as a setting. Each setting's comment stands at its row in
 * config/option-table.ts, which says too where the default differs from the flag's (`embeddedDefault`).
 */
export interface ServeSettings extends OptionSettings<OptionTable> {
  /** Manifest files and folders (recursive), watched. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, beside or instead of `paths`. */
  objects?: readonly unknown[];
}

/**
 * Starts a server inside this process. Throws a `SettingsError` on a bad setting; `ready` rejects with a
 * `ListenError` where an address can't be had, and with a `SourceError` where a path is not there.
 */
export function serve({ paths = [], objects = [], ...settings }: ServeSettings): Server {
  const options = optionsFromSettings({ ...settings });
  return startServer(options, { paths, objects, log: createLog(options.logLevel) });
}
