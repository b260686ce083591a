// Becomes another program under the seccomp profile of a container, as a container engine would start it: `node
// under-profile.ts PROFILE PROGRAM [ARGUMENT…]`. Needs gcc for the numbers of this system's calls.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ALLOW, compileFilter, failWith, installFilter } from "../../src/server/system-call-filter.ts";
import type { FilterRow } from "../../src/server/system-call-filter.ts";
import { needLibc } from "./batch/open-batch.ts";

/** The parts of the profile's format that this project's profile uses. */
interface Profile {
  readonly defaultErrnoRet: number;
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
    readonly errnoRet?: number;
    /** Allowed if the first argument has none of the bits of `value`. */
    readonly args?: readonly [{ readonly index: 0; readonly value: number; readonly op: "SCMP_CMP_MASKED_EQ" }];
  }[];
}

/** Calls of this system by name, from the C library's headers. */
function callNumbers(): ReadonlyMap<string, number> {
  const input = "#include <sys/syscall.h>\n";
  const { stdout } = spawnSync("gcc", ["-E", "-dM", "-"], { input, encoding: "utf8" });
  return new Map(
    [...stdout.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, number]) => [name!, Number(number)]),
  );
}

function rowsOf({ syscalls, defaultErrnoRet }: Profile): FilterRow[] {
  const numbers = callNumbers();
  return syscalls.flatMap(({ names, action, errnoRet, args }) =>
    names.flatMap((name): FilterRow[] => {
      const call = numbers.get(name);
      // As engines do with names of other architectures.
      if (call === undefined) return [];
      const row = { call, action: action === "SCMP_ACT_ALLOW" ? ALLOW : failWith(errnoRet ?? defaultErrnoRet) };
      return args === undefined ? [row] : [{ call, flags: args[0].value, action: failWith(defaultErrnoRet) }, row];
    }),
  );
}

const [path, program, ...args] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(path!, "utf8")) as Profile;
const arch = process.arch === "x64" ? "x64" : "arm64";
const filter = compileFilter(arch, rowsOf(profile), failWith(profile.defaultErrnoRet));
const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);
const execvp = library.func("int execvp(const char*, const char**)");
const fcntl = library.func("int fcntl(int, int, int)");
const F_SETFD = 2;
// Node.js keeps its standard streams from other programs.
for (const fd of [0, 1, 2]) fcntl(fd, F_SETFD, 0);
const fault = installFilter(needLibc(), filter);
if (fault !== undefined) throw new Error(fault);
execvp(program, [program, ...args, null]);
throw new Error(`${program} does not start: errno ${koffi.errno()}`);
