// How many connections fit the limit of open files, so that descriptors are left for what the server itself needs:
// manifests, the threads that parse them, and ports to upstreams. Linux: proc(5), /proc/self/limits.
import { readFileSync } from "node:fs";

/** Ports to upstreams (128), files and threads; beside them the runtime has some 40. */
const RESERVED = 192;
const CONNECTIONS_MIN = 16;

/** The connections that each of `listeners` may have when the process may have `limit` open files. */
export function connectionsThatFit(listeners: number, limit: number): number {
  return Math.max(Math.floor((limit - RESERVED) / Math.max(listeners, 1)), CONNECTIONS_MIN);
}

/** The number of files that this process may have open; infinite where that can't be told. */
export function openFilesMax(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return found === null ? Infinity : Number(found[1]);
  } catch {
    return Infinity;
  }
}
