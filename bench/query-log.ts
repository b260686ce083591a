// What the query log costs: a server that logs nothing beside servers that log samples, errors and everything, each to a
// file, in alternating rounds. Gives Markdown.
import { truncateSync } from "node:fs";
import { alternate, measureLoad, medianRatio } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { OURS_ALONE, startOurs } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/** A difference of a few percent needs more rounds than one of a third. */
const ROUNDS_FACTOR = 2;
const VALUES = ["off", "sample:1/100", "errors", "all"] as const;

/** `check` is told of the servers before they are measured. */
export async function measureQueryLog(
  { bed, settings, manifests, questionFile }: Workload,
  check: (servers: readonly BenchServer[]) => Promise<void>,
): Promise<string> {
  const servers: BenchServer[] = [];
  const files = new Map<BenchServer, string>();
  for (const value of VALUES) {
    const logFile = `${bed.folder}/${value.replaceAll(/\W/g, "-")}.log`;
    const args = [...OURS_ALONE, "--query-log", value];
    const server = await startOurs(bed, value, manifests, args, logFile);
    servers.push(server);
    files.set(server, logFile);
  }
  await check(servers);
  const load = { file: questionFile, seconds: settings.seconds, clients: 16, outstanding: 100 };
  const rounds = settings.rounds * ROUNDS_FACTOR;
  const samples = await alternate(servers, rounds, async (server) => {
    // A log of everything would fill the disk.
    truncateSync(files.get(server)!, 0);
    return measureLoad(bed, server, load);
  });
  await Promise.all(servers.map((server) => server.stop()));
  const off = samples.get(servers[0]!)!;
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    const of = (value: (sample: Measured) => number): string => formatNumber(medianRatio(own, off, value), 3);
    return [
      server.name,
      formatNumber(median(own.map(({ queriesPerSecond }) => queriesPerSecond))),
      formatNumber(median(own.map(({ cpuUs }) => cpuUs)), 2),
      of(({ queriesPerSecond }) => queriesPerSecond),
      of(({ cpuUs }) => cpuUs),
      formatNumber(spread(own.map((sample, i) => sample.queriesPerSecond / off[i]!.queriesPerSecond)), 3),
    ];
  });
  const head = ["--query-log", "queries/s", "CPU µs/query", "queries/s to off", "CPU to off", "spread"];
  return `## Query log\n\n${formatTable(head, rows)}\nRatios are medians of ${rounds} rounds.\n`;
}
