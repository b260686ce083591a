import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryLimit } from "../../src/process/memory-limit.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "limit-"))));
afterEach(() => rmSync(root, { recursive: true }));

const V2 = "sys/fs/cgroup";
const V1 = "sys/fs/cgroup/memory";
const NONE = "9223372036854771712";

test.each<[title: string, files: Readonly<Record<string, string>>, limit: number]>([
  ["no group", {}, totalmem()],
  ["version 2, in a container", { "proc/self/cgroup": "0::/\n", [`${V2}/memory.max`]: "1000\n" }, 1000],
  ["version 2, none", { "proc/self/cgroup": "0::/\n", [`${V2}/memory.max`]: "max\n" }, totalmem()],
  [
    "version 2, a group above has less",
    { "proc/self/cgroup": "0::/a/b/c\n", [`${V2}/a/b/c/memory.max`]: "max", [`${V2}/a/memory.max`]: "500" },
    500,
  ],
  [
    "version 2, the path is that of the host",
    { "proc/self/cgroup": "0::/kubepods/pod1\n", [`${V2}/memory.max`]: "700" },
    700,
  ],
  [
    "version 1, with the groups above",
    {
      "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/a/b\n0::/\n",
      [`${V1}/a/b/memory.stat`]: `cache 1\nhierarchical_memory_limit 300\nhierarchical_memsw_limit ${NONE}\n`,
    },
    300,
  ],
  [
    "version 1, the path is that of the host",
    { "proc/self/cgroup": "4:memory:/docker/1\n", [`${V1}/memory.stat`]: "hierarchical_memory_limit 200\n" },
    200,
  ],
  [
    "version 1, none",
    { "proc/self/cgroup": "4:memory:/\n", [`${V1}/memory.stat`]: `hierarchical_memory_limit ${NONE}\n` },
    totalmem(),
  ],
])("%s", (_title, files, limit) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(memoryLimit(root)).toBe(limit);
});
