// Gives back the memory that a large load took: V8 keeps what it once had until something makes it collect, which an
// idle control plane does not. Runs once, before the server is ready: workers answer from shared memory, not from this.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A heap below this is left alone, bytes. */
const HEAP_BYTES_MIN = 64 << 20;

/** Collects all garbage of this thread where there is much of it; tells whether there was. */
export function collectGarbageOfLoad(): boolean {
  if (process.memoryUsage().heapTotal < HEAP_BYTES_MIN) return false;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: {
    type: "major";
    execution: "sync";
    flavor: "last-resort";
  }) => void;
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
  return true;
}
