// Tells that something happened in one directory, not below it. chokidar does it on every system; of its events the raw
// ones are taken: the cooked ones leave out a second change within 50 ms. An event only ever means "look".
import { basename } from "node:path";
import { watch } from "chokidar";

/** A watch on one directory. `ready` resolves when events arrive, or when there can be none (see `hasFailed`). */
export interface DirectoryWatch {
  readonly ready: Promise<void>;
  /** The system gave no watch: the directory must be looked at from time to time. */
  readonly hasFailed: boolean;
  close(): Promise<void>;
}

/**
 * Calls `onEvent` with the name of an entry that was added, changed or removed, and without a name when the directory
 * itself was, or when the system does not say.
 */
export function watchDirectory(path: string, onEvent: (name: string | undefined) => void): DirectoryWatch {
  const state = { hasFailed: false, isClosed: false };
  // Everything below is ignored: the directory's own watch tells of its entries, and one watch is all it costs.
  const watcher = watch(path, { ignored: (entry) => entry !== path, depth: 0, ignoreInitial: true });
  const ready = new Promise<void>((resolve) => {
    watcher.once("ready", () => resolve());
    watcher.on("error", () => {
      state.hasFailed = true;
      resolve();
      if (!state.isClosed) onEvent(undefined);
    });
  });
  watcher.on("raw", (_event: string, name: unknown) => {
    if (state.isClosed) return;
    const entry = typeof name === "string" && name !== "" ? name : undefined;
    onEvent(entry === undefined || entry === basename(path) ? undefined : entry);
  });
  return {
    ready,
    get hasFailed() {
      return state.hasFailed;
    },
    close: async () => {
      state.isClosed = true;
      await watcher.close();
    },
  };
}
