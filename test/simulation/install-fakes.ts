// Puts the fakes of this folder in the place of what src/ imports, and plants a fault in src/ where one is wanted. By
// hooks of the module loader, so that the files of src/ run as they are. Once, before any of them is loaded.
import { registerHooks } from "node:module";
import type { Plant } from "./planted.ts";

const SOURCE = new URL("../../src/", import.meta.url).href;
const FAKES = new URL("./fakes/", import.meta.url).href;

/** The fake of an import by its last part, in all of the folders of src/ that the simulation runs for real. */
const FAKED: Readonly<Record<string, string>> = {
  "node:fs": "fs.ts",
  "node:fs/promises": "fs-promises.ts",
  "node:crypto": "crypto.ts",
  "node:dgram": "dgram.ts",
  "node:net": "net.ts",
  "node:timers/promises": "timers-promises.ts",
  "node:worker_threads": "worker-threads.ts",
  chokidar: "chokidar.ts",
  "../../files/open-writers.ts": "open-writers.ts",
  "../server/listen.ts": "listen.ts",
  "../process/collect-garbage.ts": "collect-garbage.ts",
  "./parse-manifest.ts": "parse-manifest.ts",
};
/** Loaded, but never run: no simulation has an API server. */
const UNUSED = `${SOURCE}sources/kubernetes/`;
const FOLDERS = ["files/", "forward/", "planes/", "process/", "sources/", "state/"];

/** From now on src/ imports the fakes; `plant` changes one of its files. Throws where that file has changed since. */
export function installFakes(plant?: Plant): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = "" } = context;
      const fake = FAKED[specifier];
      const isFaked = FOLDERS.some((folder) => parentURL.startsWith(SOURCE + folder));
      if (fake === undefined || !isFaked || parentURL.startsWith(UNUSED)) return next(specifier, context);
      return { url: FAKES + fake, shortCircuit: true };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (plant === undefined || url !== SOURCE + plant.file) return loaded;
      const text = Buffer.from(loaded.source as Uint8Array).toString();
      if (text.split(plant.code).length !== 2)
        throw new Error(`src/${plant.file} does not have this once: ${plant.code}`);
      return { ...loaded, source: text.replace(plant.code, () => plant.fault) };
    },
  });
}
