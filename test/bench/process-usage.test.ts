import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { parseStat, treeUsage } from "../../bench/process-usage.ts";

test("a command's name may hold spaces and parentheses", () => {
  const line = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 123 45 0 0 20 0 1 0";
  expect(parseStat(line)).toEqual({ parent: 7, userTicks: 123, systemTicks: 45 });
});

test.skipIf(process.platform !== "linux")("CPU time and memory of a child count for the whole tree", async () => {
  // A shell that waits for a process of its own, which works for a while and then waits to be ended.
  const work = "while (process.cpuUsage().user < 300_000); console.log('done'); setInterval(() => {}, 1e6)";
  const shell = spawn("/bin/sh", ["-c", `"${process.execPath}" -e "$1"; true`, "sh", work], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  try {
    await once(shell.stdout, "data");
    const usage = treeUsage(shell.pid!);
    expect(usage.cpuUs).toBeGreaterThan(100_000);
    expect(usage.residentBytes).toBeGreaterThan(20e6);
  } finally {
    process.kill(-shell.pid!, "SIGKILL");
  }
});
