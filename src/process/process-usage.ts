// What this process takes of the machine: time, memory, files.
// Linux tells more of it than Node.js does: proc(5).
import { readdirSync, readFileSync } from "node:fs";

/** Undefined is what the system does not tell. */
export interface ProcessUsage {
  /** Wall clock, seconds since 1970. */
  readonly startSeconds: number;
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number | undefined;
  readonly openFiles: number | undefined;
  /** Of the heap of this thread. */
  readonly heapBytes: number;
  readonly heapUsedBytes: number;
  /** Memory outside the heap that objects of this thread hold. */
  readonly externalBytes: number;
  /** The time that this thread's event loop has spent with work. */
  readonly loopActiveSeconds: number;
}

export function readProcessUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return {
    startSeconds: Date.now() / 1000 - process.uptime(),
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    virtualBytes: readVirtualBytes(),
    openFiles: countOpenFiles(),
    heapBytes: heapTotal,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    loopActiveSeconds: performance.eventLoopUtilization().active / 1000,
  };
}

function readVirtualBytes(): number | undefined {
  try {
    const found = /^VmSize:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}

function countOpenFiles(): number | undefined {
  try {
    // One of them is the folder itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}
