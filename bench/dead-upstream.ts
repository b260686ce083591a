// What a dead upstream costs those who ask for names of the cluster: times of answers at a steady rate, without and with
// as many questions for foreign names, each another one, that go to a socket nobody reads, or to an upstream that lets
// nearly all of them wait. Gives Markdown.
import { checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { runLoad, runTimedLoad } from "./dnsperf.ts";
import type { Latency, LoadResult } from "./dnsperf.ts";
import { missingQuestions } from "./foreign.ts";
import { writeQuestions } from "./manifests.ts";
import { delay } from "./processes.ts";
import { alternate } from "./rounds.ts";
import { startOurs, startProgram } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const CLUSTER_RATE = 5_000;
const FOREIGN_RATE = 5_000;
/** Foreign questions are under way for so long before times are taken, and after. */
const MARGIN_SECONDS = 1;
/** The flood does not wait for answers: all that is asked within this time may be outstanding, twice over. */
const FLOOD_LOST_AFTER_SECONDS = 1;
const FLOOD_OUTSTANDING = 2 * FOREIGN_RATE * FLOOD_LOST_AFTER_SECONDS;
/** What was under way when a flood ended has been given up by then. */
const SETTLE_MS = 4_500;
/** A dead upstream is soon known to be dead; one that answers so few is hoped for, and waited for, again and again. */
const FADING_ONE_IN = 100;
/** What is allowed: the larger of these. */
const ALLOWED = { ratio: 1.25, us: 200 } as const;

/** What is asked beside the cluster's names: in `domain`, whose upstream is so; nothing where there is none. */
interface Condition {
  readonly name: string;
  readonly domain?: string;
}

const FADING_DOMAIN = "fading.example";
const QUIET: Condition = { name: "none" };
const FLOODS: readonly Condition[] = [
  { name: "to a dead upstream", domain: "dead.example" },
  { name: `to one that answers 1 in ${FADING_ONE_IN}`, domain: FADING_DOMAIN },
];

interface Sample {
  readonly cluster: LoadResult & Latency;
  readonly foreign?: LoadResult;
}

export async function measureDeadUpstream({
  bed,
  settings: { rounds, seconds },
  services,
  questions,
  manifests,
  questionFile,
}: Workload): Promise<string> {
  const dead = await startProgram(bed, "dead upstream", "silent-upstream.ts", []);
  const fading = await startProgram(bed, "fading upstream", "missing-upstream.ts", [String(FADING_ONE_IN)]);
  const stub = `${FADING_DOMAIN}=127.0.0.1:${fading.port}`;
  const forwarding = ["--upstream", `127.0.0.1:${dead.port}`, "--stub-domain", stub];
  const server = await startOurs(bed, "cluster-dns", manifests, ["--udp-transport", "batch", ...forwarding]);
  await checkServers([server], questions, new ExpectedAnswers(services));
  const ask = (): Promise<LoadResult & Latency> => {
    const load = { port: server.port, file: questionFile, seconds, clients: 16, outstanding: 100, rate: CLUSTER_RATE };
    return runTimedLoad(bed.processes, load, `${bed.folder}/dnsperf.txt`);
  };
  const floodSeconds = seconds + 2 * MARGIN_SECONDS;
  let asked = 0;
  const samples = await alternate([QUIET, ...FLOODS], rounds, async ({ domain }): Promise<Sample> => {
    if (domain === undefined) return { cluster: await ask() };
    // No name twice: failures are remembered.
    const names = missingQuestions(asked, FOREIGN_RATE * floodSeconds, domain);
    asked += names.length;
    writeQuestions(`${bed.folder}/flood.txt`, names);
    const foreign = flood(server);
    await delay(MARGIN_SECONDS * 1000);
    const sample = { cluster: await ask(), foreign: await foreign };
    await delay(SETTLE_MS);
    return sample;
  });
  await Promise.all([server, dead, fading].map((each) => each.stop()));
  return formatSamples(samples, rounds);

  function flood({ port }: BenchServer): Promise<LoadResult> {
    const load = {
      port,
      file: `${bed.folder}/flood.txt`,
      clients: 16,
      rate: FOREIGN_RATE,
      seconds: floodSeconds,
      runs: 1,
    };
    const patience = { outstanding: FLOOD_OUTSTANDING, lostAfterSeconds: FLOOD_LOST_AFTER_SECONDS };
    return runLoad(bed.processes, { ...load, ...patience }, `${bed.folder}/flood-dnsperf.txt`);
  }
}

function formatSamples(samples: ReadonlyMap<Condition, readonly Sample[]>, rounds: number): string {
  const quietUs = medianP99(samples.get(QUIET)!);
  const rows = [QUIET, ...FLOODS].map((condition) => formatRow(condition, samples.get(condition)!));
  const verdicts = FLOODS.map((condition) => {
    const us = medianP99(samples.get(condition)!);
    return `${condition.name}: ${formatNumber(us)} µs (${us <= allowedP99(quietUs) ? "held" : "missed"})`;
  });
  const head = ["foreign names", "p50 µs", "p99 µs", "lost"];
  const foreignHead = ["asked", "SERVFAIL", "NXDOMAIN", "nothing in 1 s"].map((title) => `foreign ${title}`);
  return `## Dead upstream (p99 of cluster names within 25 % or 0.2 ms, whichever is more)\n
${formatNumber(CLUSTER_RATE)} queries/s for cluster names, ${formatNumber(FOREIGN_RATE)}/s for foreign ones; medians of \
${rounds} alternating rounds.

${formatTable([...head, ...foreignHead], rows)}
p99 of at most ${formatNumber(allowedP99(quietUs))} µs is allowed; ${verdicts.join(", ")}.\n`;
}

function formatRow({ name }: Condition, samples: readonly Sample[]): readonly string[] {
  const foreign = samples.flatMap((sample) => sample.foreign ?? []);
  const sumOf = <T>(results: readonly T[], value: (result: T) => number): string =>
    formatNumber(results.reduce((total, result) => total + value(result), 0));
  return [
    name,
    formatNumber(median(samples.map(({ cluster }) => cluster.p50Us))),
    formatNumber(medianP99(samples)),
    sumOf(samples, ({ cluster }) => cluster.lost),
    sumOf(foreign, ({ completed, lost }) => completed + lost),
    sumOf(foreign, ({ rcodes }) => rcodes["SERVFAIL"] ?? 0),
    sumOf(foreign, ({ rcodes }) => rcodes["NXDOMAIN"] ?? 0),
    sumOf(foreign, ({ lost }) => lost),
  ];
}

function medianP99(samples: readonly Sample[]): number {
  return median(samples.map(({ cluster }) => cluster.p99Us));
}

/** The most that the p99 may be with a dead upstream, microseconds, where it is `quietUs` without. */
export function allowedP99(quietUs: number): number {
  return Math.max(quietUs * ALLOWED.ratio, quietUs + ALLOWED.us);
}
