// Faults of upstreams: closed, silent, slow, forged, flapping, dead. Names of the cluster never notice; names of the
// upstream are answered by the next one, from the cache, or fail in time. Each is done to CoreDNS, too.
import { writeFileSync } from "node:fs";
import { delay } from "../../../bench/processes.ts";
import { edeOf } from "../../support/forwarding.ts";
import type { Fault } from "../fault.ts";
import { forwardedQuestion } from "../fault-cluster.ts";
import { FaultProxy } from "../fault-proxy.ts";
import { rightAnswer } from "../../support/scripted-upstream.ts";
import { quantile } from "../prober.ts";
import type { ProbeQuestion, Tally } from "../prober.ts";
import type { Phases, Trial } from "../trial.ts";

const BOTH = ["ours", "coredns"] as const;
/** An answer of the cluster may take this much longer than before, beside the share: the clock of a busy machine. */
const SPARE_MS = 25;

const p99Of = (tally: Tally, kind: "known" | "forwarded"): number => quantile(tally.latencies[kind], 0.99);

/** The cluster's names are as fast as before. */
function expectClusterUntouched(trial: Trial, { baseline, during }: Phases): void {
  const [before, then] = [p99Of(baseline, "known"), p99Of(during, "known")];
  const mostMs = before * 1.1 + SPARE_MS + during.lagMs;
  trial.expect(then <= mostMs, `p99 of the cluster: ${before.toFixed(1)} to ${then.toFixed(1)} ms`);
}

/** At least that share of the upstream's names was answered. */
function expectForwarded(trial: Trial, tallies: readonly Tally[], share: number): void {
  let [answered, missed] = [0, 0];
  for (const { latencies, failed, lost } of tallies) {
    answered += latencies.forwarded.length;
    missed += failed.forwarded + lost.forwarded;
  }
  const reached = answered / Math.max(1, answered + missed);
  trial.note = `${(reached * 100).toFixed(2)} % of the upstream's names answered`;
  trial.expect(reached >= share, `${trial.note}, wanted ${share * 100} %`);
  trial.allowance = { ...trial.allowance, lost: missed, forwardedFailed: missed };
}

async function closeFirst(trial: Trial): Promise<void> {
  await trial.start({ upstreams: 2 });
  const phases = await trial.load(async () => {
    await trial.proxy.closePort();
    await delay(trial.pick(2_000, 60_000));
  });
  trial.converged(Math.max(0, ...phases.during.latencies.forwarded), 50);
  await trial.load(async () => {
    const startedMs = performance.now();
    await trial.proxy.openPort();
    const before = trial.proxy.queries;
    // Health probes come as well; names of clients are more than those.
    while (trial.proxy.queries < before + 20 && performance.now() - startedMs < 10_000) await delay(20);
    trial.expect(trial.proxy.queries >= before + 20, "the first upstream is not asked again once it is back");
  });
}

async function silenceFirst(trial: Trial): Promise<void> {
  await trial.start({ upstreams: 2 });
  const phases = await trial.load(
    async () => {
      trial.proxy.faults = { blackhole: true };
      await delay(trial.pick(4_000, 60_000));
    },
    { afterMs: trial.pick(1_000, 60_000) },
  );
  trial.converged(p99Of(phases.during, "forwarded"), 1_200);
  trial.expect(
    p99Of(phases.after, "forwarded") <= 10 + phases.after.lagMs,
    `p99 of the upstream's names later: ${p99Of(phases.after, "forwarded").toFixed(1)} ms`,
  );
  expectClusterUntouched(trial, phases);
}

async function slowAndLossy(trial: Trial): Promise<void> {
  await trial.start();
  const phases = await trial.load(
    async () => {
      // A fifth of the exchanges is lost, on the way there or back.
      trial.proxy.faults = { delayMs: 1_900, dropShare: 0.106 };
      await delay(trial.pick(5_000, 60_000));
    },
    { lostMs: 4_000, afterMs: 0 },
  );
  expectForwarded(trial, [phases.during], 0.999);
  expectClusterUntouched(trial, phases);
}

async function sendGarbage(trial: Trial): Promise<void> {
  await trial.start({ upstreams: 2 });
  const phases = await trial.load(async () => {
    trial.proxy.faults = { garbageShare: 1 };
    await delay(trial.pick(3_000, 60_000));
    trial.proxy.faults = {};
  });
  expectForwarded(trial, [phases.during, phases.after], 0);
  expectClusterUntouched(trial, phases);
  // Of changed bytes some are an answer like any other, which nobody can tell: the upstream's names are not judged here.
  await trial.load(
    async () => {
      trial.proxy.faults = { corruptShare: 1 };
      await delay(trial.pick(2_000, 60_000));
      trial.proxy.faults = {};
    },
    { next: (n) => (n % 10 === 9 ? anyAnswer(n) : trial.cluster.next(n)) },
  );
}

/** A question of the upstream's that counts as right whatever is said. */
function anyAnswer(n: number): ProbeQuestion {
  return { ...forwardedQuestion(`any-${n}`), right: ANYTHING };
}

const ANYTHING = Object.assign([""], { includes: () => true });

async function spoof(trial: Trial): Promise<void> {
  await trial.start();
  const phases = await trial.load(async () => {
    trial.proxy.faults = { spoof: { toAsker: 20, toOthers: 100, aSecondMax: trial.pick(8_000, 50_000) } };
    await delay(trial.pick(4_000, 60_000));
    trial.proxy.faults = {};
  });
  expectForwarded(trial, [phases.during], 0.999);
  trial.note = `${trial.proxy.forged} forged replies; ${trial.note}`;
}

async function flap(trial: Trial): Promise<void> {
  await trial.start({ upstreams: 2 });
  const isProbe = (query: Buffer): boolean => query[12] === 0;
  const seconds = trial.pick(5, 60);
  let probes = 0;
  const phases = await trial.load(async () => {
    const before = trial.upstream.taken.length;
    for (let n = 0; n < seconds; n++) {
      await trial.proxy.closePort();
      await delay(500);
      await trial.proxy.openPort();
      await delay(500);
    }
    probes = trial.upstream.taken.slice(before).filter(({ query }) => isProbe(query)).length;
  });
  expectForwarded(trial, [phases.during], 0.999);
  trial.expect(probes <= 2 * seconds, `${probes} probes in ${seconds} s`);
  expectClusterUntouched(trial, phases);
}

async function killAllUpstreams(trial: Trial): Promise<void> {
  await trial.start({ upstreams: 2 });
  const names = Array.from({ length: trial.pick(200, 5_000) }, (_, i) => forwardedQuestion(`herd-${i}`));
  const next = (n: number): ProbeQuestion =>
    n % 10 === 9 ? names[Math.floor(n / 10) % names.length]! : trial.cluster.next(n);
  trial.upstream.script = ({ query }) => [{ bytes: rightAnswer(query, 1) }];
  // All names are known, and expire at once.
  for (const name of names) await trial.ask(name);
  await delay(1_100);
  let [steady, back] = [0, 0];
  const rateOf = async (): Promise<number> => {
    const before = trial.upstream.taken.length;
    await delay(1_000);
    return trial.upstream.taken.length - before;
  };
  await trial.load(
    async () => {
      steady = await rateOf();
      for (const proxy of trial.proxies) await proxy.closePort();
      await delay(trial.pick(6_000, 600_000));
      const startedMs = performance.now();
      const said = await trial.ask(forwardedQuestion("never-seen"), 6_000);
      trial.expect(said === "SERVFAIL", `a name that nobody knows: ${said}`);
      const tookMs = performance.now() - startedMs;
      trial.expect(tookMs < 4_500, `it failed after ${Math.round(tookMs)} ms`);
      for (const proxy of trial.proxies) await proxy.openPort();
      for (let second = 0; second < 3; second++) back = Math.max(back, await rateOf());
    },
    { next },
  );
  trial.note = `${steady} questions a second to the upstream before, ${back} when it was back`;
  // Clients ask for 50 a second.
  trial.expect(back <= 2 * Math.max(steady, 50), `a herd: ${trial.note}`);
}

async function truncateAlways(trial: Trial): Promise<void> {
  await trial.start();
  trial.allowance = { lost: Infinity, forwardedFailed: Infinity };
  const phases = await trial.load(
    async () => {
      trial.proxy.faults = { truncateShare: 1, tcp: "close" };
      const startedMs = performance.now();
      const reply = await trial.askMessage(forwardedQuestion("too-large"), 6_000);
      trial.converged(performance.now() - startedMs, 4_000);
      trial.expect(reply?.rcode === "SERVFAIL", `answered ${reply?.rcode ?? "nothing"}`);
      const code = reply === undefined ? undefined : edeOf(reply);
      trial.expect(code === 22 || code === 23, `extended error ${code ?? "missing"}`);
      await delay(trial.pick(1_000, 60_000));
    },
    { lostMs: 4_500, next: (n) => (n % 10 === 9 ? orTruncated(n) : trial.cluster.next(n)) },
  );
  expectClusterUntouched(trial, phases);
  trial.expect(phases.during.lost.forwarded === 0, `${phases.during.lost.forwarded} never answered`);
}

/** A question of the upstream's; a server that hands TC on says nothing wrong. */
function orTruncated(n: number): ProbeQuestion {
  const question = forwardedQuestion(`large-${n}`);
  return { ...question, right: [...question.right, "NOERROR TC"] };
}

async function changeResolvConf(trial: Trial): Promise<void> {
  await trial.prepare();
  const path = `${trial.folder}/resolv.conf`;
  // A resolv.conf has no ports: upstreams are at port 53 of addresses of their own, and the server is, too.
  const nameservers = ["127.0.53.1", "127.0.53.2"];
  const target = { host: "127.0.0.1", port: trial.upstream.port };
  for (const host of nameservers) trial.proxies.push(await FaultProxy.open(target, { host, port: 53 }));
  const [, first, second] = trial.proxies;
  writeFileSync(path, `nameserver ${nameservers[0]}\n`);
  await trial.startServer({ args: ["--upstream", path] }, 53);
  const said = trial.subject.lines.length;
  await trial.load(async () => {
    for (const text of ["", "# nothing\n", "nameserver 127.0.0.1\n", "nameserver not-an-address\n"]) {
      writeFileSync(path, text);
      await delay(trial.pick(600, 5_000));
    }
    trial.expect(trial.subject.lines.length > said, "the log says nothing of a resolv.conf without nameservers");
    trial.expect(second!.queries === 0, "an upstream is asked that nobody named");
    writeFileSync(path, `nameserver ${nameservers[1]}\n`);
    const startedMs = performance.now();
    while (second!.queries === 0 && performance.now() - startedMs < 10_000) await delay(5);
    trial.converged(performance.now() - startedMs, 1_000);
  });
  trial.expect(first!.queries > 0, "the first upstream was never asked");
}

export const UPSTREAM_FAULTS: readonly Fault[] = [
  { id: "X17", title: "the first upstream's port is closed", servers: BOTH, run: closeFirst },
  { id: "X18", title: "the first upstream is silent", servers: BOTH, run: silenceFirst },
  { id: "X19", title: "the only upstream takes 1.9 s and loses a fifth", servers: BOTH, run: slowAndLossy },
  { id: "X20", title: "an upstream sends garbage", servers: BOTH, run: sendGarbage },
  { id: "X21", title: "replies are forged, hundreds for each query", servers: BOTH, run: spoof },
  { id: "X22", title: "the first upstream comes and goes each second", servers: BOTH, run: flap },
  { id: "X23", title: "all upstreams die, and come back", servers: BOTH, run: killAllUpstreams },
  { id: "X24", title: "an upstream truncates everything, and closes TCP", servers: BOTH, run: truncateAlways },
  { id: "X25", title: "resolv.conf gets empty, leads here, and is replaced", namespace: "net", run: changeResolvConf },
];
