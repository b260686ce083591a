// What a process and all of its descendants have used: CPU time and resident memory, from Linux's proc(5).
// Reads only; a process that ends meanwhile counts as nothing.
import { readdirSync, readFileSync } from "node:fs";

/** Usage of a whole process tree. Pages that its processes share count once in each. */
export interface Usage {
  readonly cpuUs: number;
  readonly residentBytes: number;
}

/** USER_HZ: the unit of times in /proc/PID/stat is a hundredth of a second on every Linux port that Node runs on. */
const US_PER_TICK = 10_000;

/** Usage now, since the start of each process. */
export function treeUsage(pid: number): Usage {
  let cpuUs = 0;
  let residentBytes = 0;
  for (const each of treeOf(pid)) {
    const stat = readStat(each);
    if (stat === undefined) continue;
    cpuUs += (stat.userTicks + stat.systemTicks) * US_PER_TICK;
    residentBytes += residentOf(each);
  }
  return { cpuUs, residentBytes };
}

interface Stat {
  readonly parent: number;
  /** Of all threads, those that have ended too. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** The fields of /proc/PID/stat that count here. */
export function parseStat(text: string): Stat {
  // The command's name stands in parentheses, and may itself hold some.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), userTicks: Number(fields[11]), systemTicks: Number(fields[12]) };
}

function readStat(pid: number): Stat | undefined {
  const text = readProc(`${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

function residentOf(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? "");
  return match === null ? 0 : Number(match[1]) * 1024;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return undefined;
  }
}

function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const parent = Number.isInteger(pid) ? readStat(pid)?.parent : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}
