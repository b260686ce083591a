// Faults of what the server writes: a full disk, a root that is read-only, a log that nobody reads or that is gone.
// Whatever cannot be written never holds up an answer, and is written when it can be.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { delay } from "../../../bench/processes.ts";
import type { Fault } from "../fault.ts";
import { extraQuestion, extraService, formatService, replaceFile, rightOf } from "../fault-cluster.ts";
import { quantile } from "../prober.ts";
import type { Phases, Trial } from "../trial.ts";
import { expectNewFileServed, GIVE_UP_MS } from "./change.ts";

const BOTH = ["ours", "coredns"] as const;

function whyNoMounts(): string | undefined {
  const { status } = spawnSync("unshare", ["-m", "true"], { stdio: "ignore" });
  return status === 0 ? undefined : "this user has no mount namespace (unshare -m)";
}

async function fillDisk(trial: Trial): Promise<void> {
  const disk = `${trial.folder}/disk`;
  // Mounted where the server alone sees it: it goes with the process.
  const mounted = `mkdir -p ${disk} && mount -t tmpfs -o size=1m none ${disk} && exec "$0" "$@" >${disk}/log 2>&1`;
  await trial.prepare();
  await trial.startServer({
    args: ["--state", `${disk}/state.json`],
    wrap: ["unshare", "-m", "sh", "-c", mounted],
  });
  const inside = `/proc/${trial.subject.pid}/root${disk}`;
  const unassigned = (name: string): string => formatService(extraService(name, "x")).replace(/ {2}clusterIP: x\n/, "");
  await trial.load(async () => {
    fillUp(`${inside}/full`);
    replaceFile(`${trial.manifests}/while-full.yaml`, unassigned("while-full"));
    for (let n = 0; n < 20; n++) {
      writeFileSync(`${trial.manifests}/broken-${n}.yaml`, `kind: [Service ${n}\n`);
      await delay(trial.pick(50, 1_000));
    }
    await expectNewFileServed(trial, 1);
    rmSync(`${inside}/full`);
    const startedMs = performance.now();
    const isWritten = (): boolean => readText(`${inside}/state.json`).includes("while-full");
    while (!isWritten() && performance.now() - startedMs < GIVE_UP_MS) await delay(20);
    trial.expect(isWritten(), "the state is not written once there is space");
    trial.converged(performance.now() - startedMs, 5_000);
  });
}

/** Writes until there is no space. */
function fillUp(path: string): void {
  const piece = Buffer.alloc(4_096);
  try {
    for (let n = 0; n < 1_000; n++) writeFileSync(path, piece, { flag: "a" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
    throw error;
  }
  throw new Error("the disk does not get full");
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

async function forbidWrites(trial: Trial): Promise<void> {
  const remount = 'mount -o remount,bind,ro / && exec env -u HOME TMPDIR=/nowhere "$0" "$@"';
  await trial.start({ wrap: ["unshare", "-m", "sh", "-c", remount] });
  await trial.load(() => expectNewFileServed(trial, 1));
}

/** Makes the server log much, and answers be asked for meanwhile. */
async function logMuch(trial: Trial): Promise<Phases> {
  return await trial.load(async () => {
    for (let round = 0; round < trial.pick(4, 40); round++) {
      for (let n = 0; n < 150; n++) {
        writeFileSync(`${trial.manifests}/broken-${n}.yaml`, `kind: [Service ${round}${"x".repeat(200)}\n`);
      }
      await delay(600);
    }
    await expectNewFileServed(trial, 1, 2_000);
  });
}

async function stallLogReader(trial: Trial): Promise<void> {
  // Nobody takes what comes out of these pipes.
  await trial.prepare();
  const pipe = `${trial.folder}/log`;
  spawnSync("mkfifo", [pipe]);
  const reader = await trial.processes.start("sh", ["-c", 'exec sleep 1000 <"$0"', pipe], { stdio: "ignore" });
  await trial.startServer({
    args: ["--log-level", "debug"],
    wrap: ["sh", "-c", `exec "$0" "$@" >${pipe} 2>&1`],
  });
  const before = trial.subject.resources().residentBytes;
  const { baseline, during } = await logMuch(trial);
  const [was, is] = [baseline, during].map(({ latencies }) => quantile(latencies.forwarded, 0.99));
  trial.note = `p99 of the upstream's names: ${was!.toFixed(1)} ms before, ${is!.toFixed(1)} ms with a stalled log`;
  const grown = (trial.subject.resources().residentBytes - before) / 1e6;
  trial.expect(grown < 30, `resident memory rose by ${Math.round(grown)} MB`);
  // Now the reader goes: writes fail with EPIPE.
  await trial.processes.stop(reader);
  await trial.load(async () => {
    replaceFile(`${trial.manifests}/broken-1.yaml`, "kind: [Service again\n");
    await expectNewFileServed(trial, 2, 2_000);
  });
  trial.subject.signal("SIGTERM");
  trial.expect(await trial.subject.ended(5_000), "SIGTERM does not end it");
  trial.expect(trial.subject.end === "exit code 0", `it ended with ${trial.subject.end}`);
  trial.endsServer = true;
}

async function logToFullDevice(trial: Trial): Promise<void> {
  await trial.start({
    args: ["--log-level", "debug"],
    wrap: ["sh", "-c", 'exec "$0" "$@" >/dev/full 2>&1'],
  });
  await trial.load(async () => {
    // CoreDNS tells of upstreams that fail.
    trial.proxy.faults = { tcp: "close", garbageShare: 0.1 };
    await delay(trial.pick(1_000, 10_000));
    trial.proxy.faults = {};
    if (trial.server !== "ours") return;
    replaceFile(`${trial.manifests}/broken.yaml`, "kind: [Service\n");
    await expectNewFileServed(trial, 1);
  });
  if (trial.server !== "ours") return;
  const service = extraService("still-there", "10.96.85.1");
  replaceFile(`${trial.manifests}/still.yaml`, formatService(service));
  trial.converged(await trial.until(extraQuestion(service), rightOf(service), GIVE_UP_MS), 500);
}

export const OUTPUT_FAULTS: readonly Fault[] = [
  { id: "X36", title: "the disk of state and log is full", whyNot: whyNoMounts, run: fillDisk },
  {
    id: "X37",
    title: "a read-only root, no HOME, no folder for temporary files",
    whyNot: whyNoMounts,
    run: forbidWrites,
  },
  { id: "X38", title: "the log's reader stalls, then goes", run: stallLogReader },
  { id: "Y09", title: "the log is /dev/full", servers: BOTH, run: logToFullDevice },
];
