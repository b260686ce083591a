// What scrapes of /metrics cost clients: throughput at full load and times of answers at a steady rate, while a scraper
// asks ten times a second, and while nobody does, in alternating rounds. Gives Markdown.
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../test/support/process.ts";
import { checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { runTimedLoad } from "./dnsperf.ts";
import { alternate, measureLoad, medianRatio } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { OURS_ALONE, startOurs } from "./servers.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const RATE = 5_000;
const SCRAPE_EVERY_MS = 100;
/** A difference of a few percent needs more rounds than one of a third. */
const ROUNDS_FACTOR = 2;
const CONDITIONS = ["no scrapes", "a scrape every 100 ms"] as const;

interface Sample {
  readonly full: Measured;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly scrapes: number;
  readonly bytes: number;
}

export async function measureScrapes(workload: Workload): Promise<string> {
  const { bed, settings, services, questions, manifests, questionFile } = workload;
  const admin = String(await freePort());
  // With CoreDNS's names a scrape is as large as it gets.
  const args = [...OURS_ALONE, "--admin", admin, "--metrics-names", "coredns"];
  const server = await startOurs(bed, "cluster-dns", manifests, args);
  await checkServers([server], questions, new ExpectedAnswers(services));
  const load = { file: questionFile, seconds: settings.seconds, clients: 16, outstanding: 100 };
  const rounds = settings.rounds * ROUNDS_FACTOR;
  const samples = await alternate(CONDITIONS, rounds, async (condition): Promise<Sample> => {
    const scraping = new AbortController();
    const scraped = condition === CONDITIONS[0] ? undefined : scrape(admin, scraping.signal);
    const full = await measureLoad(bed, server, load);
    const timed = { ...load, port: server.port, rate: RATE };
    const { p50Us, p99Us } = await runTimedLoad(bed.processes, timed, `${bed.folder}/dnsperf.txt`);
    scraping.abort();
    return { full, p50Us, p99Us, ...((await scraped) ?? { scrapes: 0, bytes: 0 }) };
  });
  await server.stop();
  const [without, scraped] = CONDITIONS.map((condition) => samples.get(condition)!) as [Sample[], Sample[]];
  const ratio = (value: (sample: Sample) => number): string => formatNumber(medianRatio(scraped, without, value), 3);
  return `## Scrapes (throughput of at least 0.97, and no difference of p99 beyond the spread)\n
${formatTable(
  ["", "queries/s", "spread", "CPU µs/query", "p50 µs", "p99 µs", "spread", "scrapes", "bytes"],
  CONDITIONS.map((condition) => formatRow(condition, samples.get(condition)!)),
)}
Ratios of scraped to not: queries/s ${ratio(({ full }) => full.queriesPerSecond)}, CPU ${ratio(({ full }) => full.cpuUs)}, \
p50 ${ratio(({ p50Us }) => p50Us)}, p99 ${ratio(({ p99Us }) => p99Us)}; times at ${formatNumber(RATE)} queries/s, \
${rounds} rounds.\n`;
}

/** Scrapes until the signal; how often, and the mean size. */
async function scrape(port: string, signal: AbortSignal): Promise<Pick<Sample, "scrapes" | "bytes">> {
  let [scrapes, bytes] = [0, 0];
  while (!signal.aborted) {
    const next = delay(SCRAPE_EVERY_MS);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    bytes += (await response.text()).length;
    scrapes++;
    await next;
  }
  return { scrapes, bytes: bytes / scrapes };
}

function formatRow(condition: string, samples: readonly Sample[]): readonly string[] {
  const of = (value: (sample: Sample) => number): readonly number[] => samples.map(value);
  const speeds = of(({ full }) => full.queriesPerSecond);
  const p99s = of(({ p99Us }) => p99Us);
  return [
    condition,
    formatNumber(median(speeds)),
    formatNumber(spread(speeds)),
    formatNumber(median(of(({ full }) => full.cpuUs)), 3),
    formatNumber(median(of(({ p50Us }) => p50Us))),
    formatNumber(median(p99s)),
    formatNumber(spread(p99s)),
    formatNumber(of(({ scrapes }) => scrapes).reduce((sum, each) => sum + each, 0)),
    formatNumber(median(of(({ bytes }) => bytes))),
  ];
}
