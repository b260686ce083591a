// Measures the server under test: CPU time, memory and descriptors of its process tree. Linux only, and only for a server
// that the suite has started.
import { readdirSync } from "node:fs";
import type { TestContext } from "vitest";
import { treeUsage } from "../../bench/process-usage.ts";
import { frame } from "../support/network.ts";
import { expectMsBelow } from "../support/timing.ts";
import { withConnection } from "./links.ts";
import type { Target } from "./started.ts";
import { notApplicable } from "./suite.ts";
import type { Endpoint } from "../support/network.ts";

/** The server's process id; skips the check where it is not known. */
export function needPid(target: Target, context: TestContext): number {
  if (target.pid === undefined || process.platform !== "linux")
    notApplicable(context, "the server's process is not known");
  return target.pid;
}

/** Expects the server to answer `count` such messages on one connection, in a timed run in `boundMs` of CPU time each. */
export async function expectCpuMsBelow(
  boundMs: number,
  pid: number,
  server: Endpoint,
  bytes: Buffer,
  count: number,
): Promise<void> {
  const before = treeUsage(pid).cpuUs;
  await withConnection(server, async (client) => {
    for (let n = 0; n < count; n++) {
      await client.write(frame(bytes));
      await client.next();
    }
  });
  expectMsBelow((treeUsage(pid).cpuUs - before) / 1000 / count, boundMs, "CPU of each message");
}

/** Resident bytes of the server. */
export function residentBytes(pid: number): number {
  return treeUsage(pid).residentBytes;
}

/** Open descriptors of the server's first process. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
