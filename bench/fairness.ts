// What one client that asks for names of dead zones costs the clients beside it: answers they miss and how long they
// wait, over UDP and TCP, without and with the attack; ours beside that of other forwarders. All ask one upstream,
// which answers every name at once but those of the dead zones. Gives Markdown.
import { runLoad, runTimedLoad } from "./dnsperf.ts";
import type { Latency, Load, LoadResult } from "./dnsperf.ts";
import { missingQuestion, missingQuestions } from "./foreign.ts";
import { startCachingCoreDns, startOurForwarder, startUnbound } from "./forwarders.ts";
import type { Forwarding } from "./forwarders.ts";
import { writeQuestions } from "./manifests.ts";
import { delay, hasProgram } from "./processes.ts";
import { startProgram } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/** Of each group of victims, queries a second. */
const VICTIM_RATE = 200;
/** What was asked first has been given up by every server before times are taken, and after. */
const SETTLE_SECONDS = 5;
/** Names of each victim and of the attacker are below these; the upstream answers the former and not the latter. */
const GOOD_DOMAIN = "good.example";
const SLOW_DOMAIN = "slow";
const ATTACKER = "127.0.0.2";
const CORE_DNS_BOUND = 1_000;

/** The attack beside which victims ask. */
interface Condition {
  readonly name: string;
  /** Names a second; nobody attacks when absent. */
  readonly rate?: number;
  /** Dead zones, each with names in turn. */
  readonly zones?: number;
  /** Where the attack comes from: the attacker's own address when absent. */
  readonly from?: string;
}

/** One kind of client beside the attacker. */
interface Victim {
  readonly name: string;
  readonly from: string;
  readonly transport?: "tcp";
  /** Whether it asks for names of the cluster, which only ours serves. */
  readonly isLocal: boolean;
}

const VICTIMS: readonly Victim[] = [
  { name: "foreign, UDP", from: "127.0.0.3", isLocal: false },
  { name: "foreign, TCP", from: "127.0.0.4", transport: "tcp", isLocal: false },
  { name: "cluster's, UDP", from: "127.0.0.5", isLocal: true },
  { name: "cluster's, TCP", from: "127.0.0.4", transport: "tcp", isLocal: true },
];
const CONDITIONS: readonly Condition[] = [
  { name: "none" },
  { name: "300/s", rate: 300 },
  { name: "1,000/s", rate: 1_000 },
  { name: "3,000/s", rate: 3_000 },
  { name: "1,000/s in 300 zones", rate: 1_000, zones: 300 },
  { name: "1,000/s from UDP victims' address", rate: 1_000, from: VICTIMS[0]!.from },
];

type VictimResult = LoadResult & Latency;

/** `coreDns` is a binary to be measured as well. */
export async function measureFairness(workload: Workload, coreDns: string | undefined): Promise<string> {
  const { bed, settings } = workload;
  const upstream = await startProgram(bed, "partly silent upstream", "partly-silent-upstream.ts", []);
  const question = { name: `ready.${GOOD_DOMAIN}.`, type: "A" } as const;
  const servers = await startServers(workload, coreDns, { upstreamPort: upstream.port, question });
  const names = new FreshNames(workload);
  const parts: string[] = [];
  for (const [i, server] of servers.entries()) {
    const victims = VICTIMS.filter(({ isLocal }) => !isLocal || i === 0);
    const samples = new Map<Condition, (readonly VictimResult[])[]>(CONDITIONS.map((condition) => [condition, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const condition of CONDITIONS) {
        samples.get(condition)!.push(await measureCondition(workload, names, server, victims, condition));
      }
    }
    parts.push(formatServer(server, victims, samples));
  }
  await Promise.all([upstream, ...servers].map((server) => server.stop()));
  return `## Fairness (one client's questions for dead zones cost the others nothing)\n
${formatNumber(VICTIM_RATE)} queries/s of each victim, no foreign name twice; lost: unanswered within 2 s, or SERVFAIL; \
medians of ${settings.rounds} rounds.

${parts.join("\n")}`;
}

/** Ours first, then each that is there. */
async function startServers(
  { bed, manifests }: Workload,
  coreDns: string | undefined,
  forwarding: Forwarding,
): Promise<readonly BenchServer[]> {
  const servers = [await startOurForwarder(bed, manifests, forwarding)];
  if (coreDns !== undefined) {
    servers.push(await startCachingCoreDns(bed, coreDns, forwarding));
    servers.push(await startCachingCoreDns(bed, coreDns, forwarding, CORE_DNS_BOUND));
  }
  if (hasProgram("unbound")) servers.push(await startUnbound(bed, forwarding));
  return servers;
}

async function measureCondition(
  { bed, settings: { seconds }, questionFile }: Workload,
  names: FreshNames,
  { port }: BenchServer,
  victims: readonly Victim[],
  { rate, zones = 1, from = ATTACKER }: Condition,
): Promise<readonly VictimResult[]> {
  const attackSeconds = SETTLE_SECONDS + seconds + 1;
  const attack =
    rate === undefined
      ? undefined
      : runLoad(
          bed.processes,
          {
            port,
            file: names.writeSlow(rate * attackSeconds, zones),
            ...{ from, rate, seconds: attackSeconds, clients: 16 },
            // The attacker does not wait for answers.
            ...{ outstanding: Math.min(2 * rate, 60_000), lostAfterSeconds: 1 },
          },
          `${bed.folder}/attack-dnsperf.txt`,
        );
  await delay(SETTLE_SECONDS * 1000);
  const results = await Promise.all(
    victims.map(({ from: address, transport, isLocal }, i): Promise<VictimResult> => {
      const load: Load = {
        port,
        file: isLocal ? questionFile : names.writeGood(VICTIM_RATE * seconds, i),
        ...{ from: address, rate: VICTIM_RATE, seconds, clients: 10, outstanding: 2 * VICTIM_RATE },
        ...(transport && { transport }),
      };
      return runTimedLoad(bed.processes, load, `${bed.folder}/victim-${i}.txt`);
    }),
  );
  await attack;
  await delay(SETTLE_SECONDS * 1000);
  return results;
}

/** Files of questions that nobody has asked before. */
class FreshNames {
  readonly #folder: string;
  #asked = 0;

  constructor({ bed }: Workload) {
    this.#folder = bed.folder;
  }

  /** More than are asked, as dnsperf begins anew at the end of a file. */
  writeGood(count: number, victim: number): string {
    const questions = missingQuestions(this.#asked, 2 * count, GOOD_DOMAIN);
    this.#asked += questions.length;
    writeQuestions(`${this.#folder}/good-${victim}.txt`, questions);
    return `${this.#folder}/good-${victim}.txt`;
  }

  writeSlow(count: number, zones: number): string {
    const questions = Array.from({ length: 2 * count }, (_, i) =>
      missingQuestion(this.#asked + i, `${SLOW_DOMAIN}${i % zones}.example`),
    );
    this.#asked += questions.length;
    writeQuestions(`${this.#folder}/slow.txt`, questions);
    return `${this.#folder}/slow.txt`;
  }
}

function formatServer(
  { name }: BenchServer,
  victims: readonly Victim[],
  samples: ReadonlyMap<Condition, readonly (readonly VictimResult[])[]>,
): string {
  const rows = CONDITIONS.flatMap((condition) =>
    victims.map((victim, i) => {
      const results = samples.get(condition)!.map((sample) => sample[i]!);
      return [condition.name, victim.name, ...formatResults(results)];
    }),
  );
  return `### ${name}\n\n${formatTable(["attack", "victims", "asked", "lost", "lost %", "p50 µs", "p99 µs"], rows)}`;
}

function formatResults(results: readonly VictimResult[]): readonly string[] {
  const sum = (value: (result: VictimResult) => number): number =>
    results.reduce((total, result) => total + value(result), 0);
  const asked = sum(({ completed, lost }) => completed + lost);
  const missed = sum(({ lost, rcodes }) => lost + (rcodes["SERVFAIL"] ?? 0) + (rcodes["REFUSED"] ?? 0));
  return [
    formatNumber(asked),
    formatNumber(missed),
    formatNumber((100 * missed) / asked, 2),
    formatNumber(median(results.map(({ p50Us }) => p50Us))),
    formatNumber(median(results.map(({ p99Us }) => p99Us))),
  ];
}
