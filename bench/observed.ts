// What it costs to be watched: a server with metrics that are scraped each second, the query log of one in a hundred
// queries and an open status page with its top lists, beside a server with none of these, in alternating rounds.
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../test/support/process.ts";
import { alternate, measureLoad, medianRatio } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { OURS_ALONE, startOurs } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const SCRAPE_EVERY_MS = 1_000;
/** A difference of a few percent needs more rounds than one of a third. */
const ROUNDS_FACTOR = 2;

/** `check` is told of the servers before they are measured. */
export async function measureObserved(
  { bed, settings, manifests, questionFile }: Workload,
  check: (servers: readonly BenchServer[]) => Promise<void>,
): Promise<string> {
  const admin = await freePort();
  const logFile = `${bed.folder}/observed.log`;
  const watched = [...OURS_ALONE, "--admin", String(admin), "--query-log", "sample:1/100"];
  const off = await startOurs(bed, "everything off", manifests, [...OURS_ALONE, "--query-log", "off"]);
  const on = await startOurs(bed, "everything on", manifests, watched, logFile);
  await check([off, on]);
  const load = { file: questionFile, seconds: settings.seconds, clients: 16, outstanding: 100 };
  const rounds = settings.rounds * ROUNDS_FACTOR;
  const counts = { scrapes: 0, events: 0 };
  const samples = await alternate([off, on], rounds, async (server): Promise<Measured> => {
    if (server === off) return measureLoad(bed, server, load);
    const watching = new AbortController();
    const watchers = [scrape(admin, watching.signal, counts), watchPage(admin, watching.signal, counts)];
    const measured = await measureLoad(bed, server, load);
    watching.abort();
    await Promise.all(watchers);
    return measured;
  });
  await Promise.all([off.stop(), on.stop()]);
  const [without, with_] = [samples.get(off)!, samples.get(on)!];
  const rows = [off, on].map((server) => {
    const own = samples.get(server)!;
    return [
      server.name,
      formatNumber(median(own.map(({ queriesPerSecond }) => queriesPerSecond))),
      formatNumber(spread(own.map(({ queriesPerSecond }) => queriesPerSecond))),
      formatNumber(median(own.map(({ cpuUs }) => cpuUs)), 3),
    ];
  });
  const ratio = (value: (sample: Measured) => number): string => formatNumber(medianRatio(with_, without, value), 3);
  return `## Metrics, query log and status page (throughput of at least 0.97)\n
${formatTable(["", "queries/s", "spread", "CPU µs/query"], rows)}
Ratios of on to off: queries/s ${ratio(({ queriesPerSecond }) => queriesPerSecond)}, \
CPU ${ratio(({ cpuUs }) => cpuUs)}; medians of ${rounds} rounds, with ${formatNumber(counts.scrapes)} scrapes and \
${formatNumber(counts.events)} events of the page.\n`;
}

async function scrape(port: number, signal: AbortSignal, counts: { scrapes: number }): Promise<void> {
  while (!signal.aborted) {
    const next = delay(SCRAPE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    counts.scrapes++;
    await next;
  }
}

/** Reads the live changes of the status page, as a browser does that shows it. */
async function watchPage(port: number, signal: AbortSignal, counts: { events: number }): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/events`, { signal });
    for await (const _ of response.body!) counts.events++;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
