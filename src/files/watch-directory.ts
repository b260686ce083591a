// Reports that something happened in one directory, not below it. chokidar works on every system; its raw events are
// used, since the processed ones omit a second change within 50 ms. An event only means: check the entry.
import { basename } from "node:path";
import { watch } from "chokidar";

/** A watch on one directory. `ready` resolves when events arrive, or when none can (see `hasFailed`) or will. */
export interface DirectoryWatch {
  readonly ready: Promise<void>;
  /** The system gave no watch: the directory must be polled. */
  readonly hasFailed: boolean;
  close(): Promise<void>;
}

/**
 * Calls `onEvent` with the name of an entry that was added, changed or removed, or without a name when the directory
 * itself was or the system gives no name.
 */
export function watchDirectory(path: string, onEvent: (name: string | undefined) => void): DirectoryWatch {
  const state = { hasFailed: false, isClosed: false };
  // Entries are ignored, so that they get no watches of their own: the directory's watch reports them.
  const watcher = watch(path, { ignored: (entry) => entry !== path, depth: 0, ignoreInitial: true });
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  watcher.once("ready", () => resolve());
  watcher.on("error", () => {
    state.hasFailed = true;
    resolve();
    if (!state.isClosed) onEvent(undefined);
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
      // A watcher that is closed says nothing any more.
      resolve();
      await watcher.close();
    },
  };
}
