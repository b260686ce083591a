// What a process holds now, from Linux's proc(5): resident memory, descriptors, inotify watches, threads.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessCounts {
  readonly descriptors: number;
  readonly watches: number;
  readonly threads: number;
}

/** Megabytes of a million bytes. */
export function residentMegabytes(pid: number): number {
  return Number(fieldOf(pid, "VmRSS")) * 1.024e-3;
}

export function countsOf(pid: number): ProcessCounts {
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  const watches = descriptors.reduce((sum, fd) => sum + watchesOf(pid, fd), 0);
  return { descriptors: descriptors.length, watches, threads: Number(fieldOf(pid, "Threads")) };
}

/** The number of a line of /proc/PID/status. */
function fieldOf(pid: number, name: string): string {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (match === null) throw new Error(`no ${name} in the status of process ${pid}`);
  return match[1]!;
}

function watchesOf(pid: number, fd: string): number {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").match(/^inotify wd:/gm)?.length ?? 0;
  } catch {
    // It was closed in between.
    return 0;
  }
}
