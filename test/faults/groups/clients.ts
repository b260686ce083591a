// Faults that clients make over TCP: too many connections, slow ones, ones that never read. UDP does not notice, and a new
// client gets its answer.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { treeUsage } from "../../../bench/process-usage.ts";
import { delay } from "../../../bench/processes.ts";
import { askTcp, frame } from "../../support/network.ts";
import { answerOf } from "../../support/scripted-upstream.ts";
import { writeQuery } from "../../support/wire.ts";
import type { Fault } from "../fault.ts";
import type { Trial } from "../trial.ts";

const BOTH = ["ours", "coredns"] as const;

/** Open connections, of which the server may end some; those that it refuses are missing. */
async function openMany(trial: Trial, count: number): Promise<readonly Socket[]> {
  const { host, port } = trial.subject.endpoint;
  const sockets: Socket[] = [];
  trial.defer(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let n = 0; n < count; n += 50) {
    const batch = Array.from({ length: Math.min(50, count - n) }, () => connect({ host, port }));
    for (const socket of batch) socket.on("error", () => undefined);
    sockets.push(...batch);
    await Promise.race([Promise.allSettled(batch.map((socket) => once(socket, "connect"))), delay(500)]);
  }
  return sockets;
}

/** The time until a new client has its answer over TCP, at most `withinMs`. */
async function askNewClient(trial: Trial, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  const question = trial.cluster.known[0]!;
  while (performance.now() - startedMs < withinMs) {
    const query = writeQuery({ name: question.name, type: "A" });
    const reply = await Promise.race([
      askTcp(trial.subject.endpoint, query).catch(() => undefined),
      delay(withinMs).then(() => undefined),
    ]);
    if (reply !== undefined && answerOf(reply).length > 0) break;
    await delay(20);
  }
  return performance.now() - startedMs;
}

async function exhaustDescriptors(trial: Trial): Promise<void> {
  await trial.start({ wrap: ["prlimit", "--nofile=64"] });
  let sockets: readonly Socket[] = [];
  await trial.load(async () => {
    sockets = await openMany(trial, 200);
    await delay(trial.pick(1_500, 30_000));
  });
  // Connections that wait are to cost nothing.
  const before = treeUsage(trial.subject.pid).cpuUs;
  await delay(1_000);
  const share = (treeUsage(trial.subject.pid).cpuUs - before) / 1e6;
  trial.expect(share < 0.05, `${Math.round(share * 100)} % of a CPU while nobody asks`);
  for (const socket of sockets) socket.destroy();
  trial.converged(await askNewClient(trial, 5_000), 1_000);
}

async function writeSlowly(trial: Trial): Promise<void> {
  await trial.start();
  const count = trial.pick(500, 1_000);
  await trial.load(async () => {
    const writers = await openMany(trial, count);
    await openMany(trial, count);
    const bytes = frame(writeQuery({ name: trial.cluster.known[0]!.name, type: "A" }));
    let at = 0;
    const timer = setInterval(() => {
      for (const socket of writers) if (!socket.destroyed) socket.write(bytes.subarray(at, at + 1));
      at = (at + 1) % bytes.length;
    }, 1_000);
    await delay(trial.pick(2_500, 60_000));
    trial.converged(await askNewClient(trial, 5_000), 1_000);
    clearInterval(timer);
  });
}

async function neverRead(trial: Trial): Promise<void> {
  await trial.start();
  const query = frame(writeQuery({ name: trial.cluster.known[3]!.name, type: "ANY" }));
  const many = Buffer.concat(Array<Buffer>(500).fill(query));
  const before = trial.subject.resources().residentBytes;
  let peak = before;
  await trial.load(async () => {
    const sockets = await openMany(trial, 200);
    for (const socket of sockets) socket.pause();
    for (let round = 0; round < trial.pick(8, 60); round++) {
      // What the server does not take is not sent again: this side's memory is not the matter.
      for (const socket of sockets) if (!socket.destroyed && !socket.writableNeedDrain) socket.write(many);
      await delay(300);
      peak = Math.max(peak, trial.subject.resources().residentBytes);
    }
    trial.converged(await askNewClient(trial, 5_000), 1_000);
  });
  const grown = (peak - before) / 1e6;
  trial.note = `at most ${Math.round(grown)} MB more`;
  trial.expect(grown <= 50, `resident memory rose by ${Math.round(grown)} MB`);
}

export const CLIENT_FAULTS: readonly Fault[] = [
  { id: "X26", title: "64 descriptors, and 200 clients over TCP", servers: BOTH, run: exhaustDescriptors },
  {
    id: "X27",
    title: "hundreds of clients that write a byte a second, hundreds idle",
    servers: BOTH,
    run: writeSlowly,
  },
  { id: "X28", title: "200 clients that ask and never read", servers: BOTH, run: neverRead },
];
