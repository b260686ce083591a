// A control group of its own with a memory limit, for a test's process. Needs root, and a hierarchy that can be written
// to: version 1 of cgroups(7), or version 2 with the memory controller.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

const MB = 1 << 20;

/** A group; a process that is started by `command` is in it. */
export class MemoryGroup {
  readonly #path: string;
  readonly #isOld: boolean;

  private constructor(path: string, isOld: boolean) {
    this.#path = path;
    this.#isOld = isOld;
  }

  /** A group that may use `megabytes`; undefined where this system lets nobody make one. */
  static open(name: string, megabytes: number): MemoryGroup | undefined {
    const groups = read("/proc/self/cgroup");
    const old = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
    const own = old ?? /^0::(.*)$/m.exec(groups)?.[1];
    if (own === undefined) return undefined;
    const above = `/sys/fs/cgroup${old === undefined ? "" : "/memory"}${own === "/" ? "" : own}`;
    const path = `${above}/${name}-${process.pid}`;
    try {
      mkdirSync(path);
      const limit = old === undefined ? "memory.max" : "memory.limit_in_bytes";
      // Not `writeFileSync` alone: it makes the file where there is no such limit.
      writeFileSync(`${path}/${limit}`, String(megabytes * MB), { flag: "r+" });
      return new MemoryGroup(path, old !== undefined);
    } catch {
      try {
        rmdirSync(path);
      } catch {
        // It was not made.
      }
      return undefined;
    }
  }

  /** The command line that runs `command` in the group. */
  command(command: readonly string[]): readonly [string, ...string[]] {
    return ["/bin/sh", "-c", `echo $$ > "${this.#path}/cgroup.procs" && exec "$@"`, "sh", ...command];
  }

  /** The most that was in use, in megabytes; undefined where the system does not tell. */
  peak(): number | undefined {
    const text = read(`${this.#path}/${this.#isOld ? "memory.max_usage_in_bytes" : "memory.peak"}`);
    return text === "" ? undefined : Number(text) / MB;
  }

  /** Call it when its processes have ended. */
  close(): void {
    rmdirSync(this.#path);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
