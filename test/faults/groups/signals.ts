// Signals: an orderly end under load, signals that mean nothing, reloads, and restarts without a gap.
import { connect } from "node:net";
import { once } from "node:events";
import { delay } from "../../../bench/processes.ts";
import type { Fault } from "../fault.ts";
import { totalOf } from "../prober.ts";
import type { Trial } from "../trial.ts";

const BOTH = ["ours", "coredns"] as const;
/** Where Node's inspector would listen. */
const INSPECTOR_PORT = 9229;
const LAMEDUCK_S = 2;

async function stopUnderLoad(trial: Trial): Promise<void> {
  const settings = {
    args: ["--lameduck", String(LAMEDUCK_S)],
    corefile: { root: `health 127.0.0.1:0 {\n        lameduck ${LAMEDUCK_S}s\n    }` },
  };
  await trial.start(settings);
  trial.endsServer = true;
  const next = (n: number) => (n % 10 === 9 && n % 100 !== 9 ? trial.cluster.known[0]! : trial.cluster.next(n));
  await trial.load(
    async () => {
      trial.subject.signal("SIGTERM");
      // Clients have learned of the stop by then.
      await delay(LAMEDUCK_S * 1_000 - 300);
    },
    { rate: trial.pick(3_000, 5_000), next, lostMs: 200 },
  );
  trial.expect(await trial.subject.ended(LAMEDUCK_S * 1_000 + 5_000), "the server does not end");
  trial.expect(trial.subject.end === "exit code 0", `it ended with ${trial.subject.end}`);
  if (trial.server !== "ours") return;
  await trial.startServer({ args: ["--lameduck", "60"] });
  trial.subject.signal("SIGTERM");
  await delay(200);
  const startedMs = performance.now();
  trial.subject.signal("SIGTERM");
  trial.expect(await trial.subject.ended(5_000), "a second SIGTERM does not end it");
  trial.converged(performance.now() - startedMs, 100);
}

async function hasInspector(): Promise<boolean> {
  const socket = connect(INSPECTOR_PORT, "127.0.0.1");
  const isOpen = await Promise.race([
    once(socket, "connect").then(
      () => true,
      () => false,
    ),
    delay(500).then(() => false),
  ]);
  socket.destroy();
  return isOpen;
}

async function sendSignals(trial: Trial): Promise<void> {
  if (await hasInspector()) throw new Error(`port ${INSPECTOR_PORT} is open already`);
  await trial.start();
  for (const signal of ["SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGHUP"] as const) {
    await trial.load(
      async () => {
        trial.subject.signal(signal);
        await delay(500);
        trial.expect(trial.subject.end === undefined, `${signal} ends it: ${trial.subject.end}`);
        trial.expect(!(await hasInspector()), `${signal} opens port ${INSPECTOR_PORT}`);
      },
      { baselineMs: 100, afterMs: 100 },
    );
    if (trial.subject.end !== undefined) await trial.startServer();
  }
  trial.subject.signal("SIGINT");
  trial.endsServer = true;
  trial.expect(await trial.subject.ended(5_000), "SIGINT does not end it");
  trial.expect(trial.subject.end === "exit code 0", `after SIGINT it ended with ${trial.subject.end}`);
  // What a server loses that a signal has ended is told once, by its end.
  trial.allowance = { lost: Infinity };
}

async function hangUpOften(trial: Trial): Promise<void> {
  await trial.start();
  await trial.load(async () => {
    const before = trial.subject.resources().descriptors;
    for (let n = 0; n < trial.pick(30, 100); n++) {
      trial.subject.signal("SIGHUP");
      await delay(100);
      if (trial.subject.end !== undefined) throw new Error(`SIGHUP ends it: ${trial.subject.end}`);
    }
    const more = trial.subject.resources().descriptors - before;
    trial.expect(more <= 2, `${more} more descriptors`);
  });
}

async function roll(trial: Trial): Promise<void> {
  const settings = trial.server === "ours" ? { args: ["--takeover", `${trial.folder}/takeover`] } : {};
  await trial.start(settings);
  const { port } = trial.subject.endpoint;
  const restarts = trial.pick(4, 20);
  const { during } = await trial.load(async () => {
    for (let n = 0; n < restarts; n++) {
      const old = trial.subject;
      await trial.startServer(settings, port);
      // Until then the old one answers alone.
      await trial.untilLogged(trial.server === "ours" ? /"serving"/ : /CoreDNS-/);
      if (trial.server === "coredns") await trial.processes.stop(old.child);
      trial.expect(await old.ended(10_000), "the old server does not end");
      await delay(300);
    }
  });
  trial.note = `${totalOf(during.lost)} of ${during.sent} lost over ${restarts} restarts`;
}

export const SIGNAL_FAULTS: readonly Fault[] = [
  {
    id: "X29",
    title: "SIGTERM at thousands of questions a second, with --lameduck",
    servers: BOTH,
    run: stopUnderLoad,
  },
  { id: "X30", title: "SIGPIPE, SIGUSR1, SIGUSR2, SIGHUP, SIGINT", run: sendSignals },
  { id: "X31", title: "SIGHUP again and again", run: hangUpOften },
  { id: "X32", title: "restarts without a gap, one process after another", servers: BOTH, run: roll },
];
