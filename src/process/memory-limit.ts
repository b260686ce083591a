// How much memory this process may use, and how much it uses. The limit is that of its control group (Linux,
// cgroups(7), versions 1 and 2) or of one above it, otherwise what the machine has.
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

const MOUNT = "/sys/fs/cgroup";

/** The bytes that this process may use. `root` is the folder with `proc` and `sys`. */
export function memoryLimit(root = ""): number {
  const groups = read(`${root}/proc/self/cgroup`);
  const limits = groups.split("\n").flatMap((line) => {
    const [, number, controllers = "", path = ""] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (number === "0" && controllers === "") return limitsOfVersion2(root, path);
    return controllers.split(",").includes("memory") ? limitsOfVersion1(root, path) : [];
  });
  return Math.min(totalmem(), ...limits);
}

/** The resident bytes, if possible without those of mapped files: the system can read these again. */
export function memoryUsed(): number {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(read("/proc/self/status"));
  return found === null ? process.memoryUsage.rss() : Number(found[1]) * 1024;
}

// The limits of the groups above apply too. In a container the path may be that of the host, which is not there.
function limitsOfVersion2(root: string, path: string): readonly number[] {
  const limits: number[] = [];
  for (let group = path; ; group = group.slice(0, group.lastIndexOf("/"))) {
    const text = read(`${root}${MOUNT}${group === "/" ? "" : group}/memory.max`).trim();
    if (/^\d+$/.test(text)) limits.push(Number(text));
    if (!group.includes("/")) return limits;
  }
}

function limitsOfVersion1(root: string, path: string): readonly number[] {
  for (const group of [path, ""]) {
    const stat = read(`${root}${MOUNT}/memory${group}/memory.stat`);
    const found = /^hierarchical_memory_limit (\d+)$/m.exec(stat);
    if (found !== null) return [Number(found[1])];
  }
  return [];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
