// Frees the memory that a large load took: V8 keeps garbage until allocation makes it collect, and an idle control
// plane does not allocate. Runs once, before the server is ready. Workers do not stop: they answer from shared memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Smaller heaps are not worth a collection. */
const HEAP_BYTES_MIN = 64 << 20;

/** Collects all garbage of this thread if its heap is large; returns whether it did. */
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
