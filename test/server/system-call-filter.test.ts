// The filter of system calls as the kernel applies it: a process of its own installs it and tries what is refused.
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ALLOW, compileFilter, failWith, serverRows } from "../../src/server/system-call-filter.ts";
import { skipAll } from "../support/optional-programs.ts";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { ROOT } from "../support/process.ts";

/** What a process does under the filter; prints one JSON value. */
function underFilter(mayExecute: boolean, script: string): unknown {
  const program = `
    import { spawnSync } from "node:child_process";
    import { readdirSync, readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { Worker } from "node:worker_threads";
    import { loadLibc } from "${ROOT}src/server/libc.ts";
    import { ALLOW, compileFilter, installFilter, serverRows } from "${ROOT}src/server/system-call-filter.ts";
    const koffi = createRequire("${ROOT}package.json")("koffi");
    const syscall = koffi.load(null).func("long syscall(long, ulong, ulong, ulong, ulong, ulong)");
    const call = (number, ...args) => [syscall(number, ...args, ...Array(5 - args.length).fill(0)), koffi.errno()];
    const isX64 = process.arch === "x64";
    const fault = installFilter(loadLibc().libc, compileFilter(process.arch, serverRows(process.arch, ${mayExecute}), ALLOW));
    if (fault !== undefined) throw new Error(fault);
    const result = await (async () => { ${script} })();
    console.log(JSON.stringify(result));
  `;
  const args = ["--input-type=module-typescript", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout);
}

describe("the server's filter", () => {
  skipAll(reasonAgainstBatches());

  test("refuses with EPERM, and the process goes on", () => {
    const script = `return {
      ptrace: call(isX64 ? 101 : 117),
      mount: call(isX64 ? 165 : 40),
      bpf: call(isX64 ? 321 : 280),
      keyctl: call(isX64 ? 250 : 219),
      unshare: call(isX64 ? 272 : 97, 0x10000000),
      perf: call(isX64 ? 298 : 241),
      newUserNamespace: call(isX64 ? 56 : 220, 0x10000011),
      clone3: call(435),
      execve: spawnSync("/bin/true").error.code,
    }`;
    const refused = [-1, 1];
    const calls = ["ptrace", "mount", "bpf", "keyctl", "unshare", "perf", "newUserNamespace"];
    expect(underFilter(false, script)).toEqual({
      ...Object.fromEntries(calls.map((name) => [name, refused])),
      clone3: [-1, 38],
      execve: "EPERM",
    });
  });

  test("is in force on all threads, and on those that start later, as is no_new_privs", () => {
    const script = `
      const code = "setInterval(() => {}, 1000); process.getBuiltinModule('worker_threads').parentPort.postMessage(1)";
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve) => worker.once("message", resolve));
      const lines = readdirSync("/proc/self/task").map((thread) =>
        readFileSync("/proc/self/task/" + thread + "/status", "utf8").match(/^(NoNewPrivs|Seccomp):.*$/gm).join(" "));
      await worker.terminate();
      return { threads: lines.length > 5, lines: [...new Set(lines)] }`;
    expect(underFilter(false, script)).toEqual({ threads: true, lines: ["NoNewPrivs:\t1 Seccomp:\t2"] });
  });

  test("allows programs where they are needed", () => {
    expect(underFilter(true, `return spawnSync("/bin/sh", ["-c", "echo ran"], { encoding: "utf8" }).stdout`)).toBe(
      "ran\n",
    );
  });
});

describe("compileFilter", () => {
  test("checks the architecture, then x32, then each row in order", () => {
    const program = compileFilter(
      "x64",
      [
        { call: 1, action: ALLOW },
        { call: 2, flags: 4, action: ALLOW },
      ],
      failWith(38),
    );
    const words = Array.from({ length: program.length / 8 }, (_, i) =>
      Buffer.from(program.subarray(i * 8, i * 8 + 8)).toString("hex"),
    );
    expect(words).toEqual([
      "2000000004000000",
      "150001003e0000c0",
      "0600000001000500",
      "2000000000000000",
      "3500000100000040",
      "0600000001000500",
      "1500000101000000",
      "060000000000ff7f",
      "1500000402000000",
      "2000000010000000",
      "4500000104000000",
      "060000000000ff7f",
      "2000000000000000",
      "0600000026000500",
    ]);
  });

  test("a call has its own number on each architecture", () => {
    for (const arch of ["x64", "arm64"] as const) {
      const numbers = serverRows(arch, false).map(({ call }) => call);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
