// Faults of what a machine gives: little memory, few cycles, no descriptor or thread left. What does not fit is refused
// with its reason, and what was served is served on.
import { spawnSync } from "node:child_process";
import { delay } from "../../../bench/processes.ts";
import { ControlGroup, whyNoGroups } from "../cgroup.ts";
import type { Fault } from "../fault.ts";
import { notDone } from "../fault.ts";
import {
  extraQuestion,
  extraService,
  formatService,
  forwardedQuestion,
  replaceFile,
  rightOf,
} from "../fault-cluster.ts";
import type { Tally } from "../prober.ts";
import type { Trial } from "../trial.ts";
import { expectNewFileServed, GIVE_UP_MS } from "./change.ts";

const BOTH = ["ours", "coredns"] as const;
const MEGABYTE = 1_048_576;

/** A control group that goes once the server has ended. */
function groupOf(trial: Trial, controller: "memory" | "cpu", values: Readonly<Record<string, string>>): ControlGroup {
  const group = ControlGroup.make(controller, values);
  trial.defer(async () => {
    await trial.processes.stopAll();
    await delay(100);
    group.remove();
  });
  return group;
}

async function askRandomNames(trial: Trial): Promise<void> {
  const group = groupOf(trial, "memory", { "memory.limit_in_bytes": String(256 * MEGABYTE) });
  await trial.start({ wrap: group.wrap });
  const rate = trial.pick(1_500, 5_000);
  const phases = await trial.load(() => delay(trial.pick(8_000, 600_000)), {
    rate,
    next: (n) => (n % 10 < 8 ? forwardedQuestion(`random-${n}-${process.pid}`) : trial.cluster.next(n)),
  });
  // More is asked than an upstream can be; what counts is that memory has a bound, and that the cluster is answered.
  const lost = Object.values(phases).reduce((sum, tally: Tally) => sum + tally.lost.forwarded, 0);
  trial.allowance = { lost, forwardedFailed: Infinity };
  const peak = Number(group.read("memory.max_usage_in_bytes")) / MEGABYTE;
  trial.note = `at most ${Math.round(peak)} of 256 MiB at ${rate} names a second`;
  trial.expect(peak <= 230, trial.note);
}

async function readLargeInLittle(trial: Trial): Promise<void> {
  const group = groupOf(trial, "memory", { "memory.limit_in_bytes": String(170 * MEGABYTE) });
  await trial.start({ wrap: group.wrap });
  await trial.load(async () => {
    for (const count of [3_000, 5_000]) {
      const services = Array.from({ length: count }, (_, i) =>
        formatService(extraService(`many-${count}-${i}`, `10.98.${i >> 8}.${i & 255}`)),
      );
      replaceFile(`${trial.manifests}/many.yaml`, services.join("---\n"));
      await delay(trial.pick(4_000, 10_000));
    }
    await expectNewFileServed(trial, 1, GIVE_UP_MS);
  });
}

async function giveFewCycles(trial: Trial): Promise<void> {
  const group = groupOf(trial, "cpu", { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "-1" });
  await trial.start({ wrap: group.wrap });
  await trial.load(
    async () => {
      group.write("cpu.cfs_quota_us", "20000");
      const spinners = [0, 1].map(() =>
        trial.processes.start("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
      );
      await delay(trial.pick(3_000, 60_000));
      for (const spinner of spinners) await trial.processes.stop(await spinner);
      group.write("cpu.cfs_quota_us", "-1");
      const [known] = trial.cluster.known;
      trial.converged(await trial.until(known!, known!.right[0]!, GIVE_UP_MS), 1_000);
    },
    { afterMs: 1_500 },
  );
}

/** Limits what a running process may open. */
function limitDescriptors(trial: Trial, limit: number): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(trial.subject.pid), `--nofile=${limit}:20000`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

async function leaveNoDescriptors(trial: Trial): Promise<void> {
  await trial.start();
  const services = Array.from({ length: 100 }, (_, i) => extraService(`large-${i}`, `10.96.86.${i + 1}`));
  const last = services.at(-1)!;
  // A question to an upstream needs a descriptor, too: it may fail, and is told so.
  trial.allowance = { forwardedFailed: Infinity };
  await trial.load(
    async () => {
      limitDescriptors(trial, trial.subject.resources().descriptors);
      // Large enough that a thread of its own reads it.
      replaceFile(`${trial.manifests}/large.yaml`, services.map(formatService).join("---\n"));
      await delay(trial.pick(2_000, 30_000));
      limitDescriptors(trial, 20_000);
      trial.converged(await trial.until(extraQuestion(last), rightOf(last), 20_000), 5_000);
    },
    { lostMs: 5_000 },
  );
}

export const RESOURCE_FAULTS: readonly Fault[] = [
  {
    id: "X39",
    title: "random names of the upstream in 256 MiB",
    servers: BOTH,
    whyNot: () => whyNoGroups("memory"),
    run: askRandomNames,
  },
  {
    id: "X40",
    title: "a fifth of a CPU, and others that take all",
    servers: BOTH,
    whyNot: () => whyNoGroups("cpu"),
    run: giveFewCycles,
  },
  notDone("X41", "a worker thread dies", "nobody can end a thread from outside: test/server/udp-batch.test.ts does it"),
  notDone("X42", "a handler throws", "the server has no hook for it: test/server/batch-loop.test.ts does it"),
  {
    id: "Y10",
    title: "no descriptor is left when a large file changes",
    run: leaveNoDescriptors,
  },
  {
    id: "Y11",
    title: "3,000, then 5,000 services in one file in 170 MiB",
    whyNot: () => whyNoGroups("memory"),
    run: readLargeInLittle,
  },
];
