// Frees the memory that a large load or parse took: V8 keeps garbage until allocation makes it collect, and an idle
// thread does not allocate. Threads that answer do not stop for it: they answer from shared memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Smaller heaps are not worth a collection. */
const HEAP_BYTES_MIN = 64 << 20;

/** A heap may grow by this share before its garbage is collected. */
const GROWTH_PERCENT = 20;

/** Has garbage of this thread collected early from now on: less memory for more work. */
export function limitGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  collectGarbage();
}

/** Collects all garbage of this thread if its heap is large, or memory is short; returns whether it did. */
export function collectGarbageOfLoad(isShort = false): boolean {
  if (!isShort && process.memoryUsage().heapTotal < HEAP_BYTES_MIN) return false;
  collectGarbage();
  return true;
}

/** Collects all garbage of this thread. The last resort also gives back the pages. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: {
    type: "major";
    execution: "sync";
    flavor: "last-resort";
  }) => void;
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
