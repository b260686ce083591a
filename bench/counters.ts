// What counting costs: the same transport and zone with and without counters, in alternating rounds. Gives Markdown.
import { alternate, cpuDifferences, measureLoad } from "./rounds.ts";
import { startProgram } from "./servers.ts";
import type { Bed } from "./servers.ts";
import type { BenchSettings } from "./settings.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";

/** A difference of a percent needs more rounds than one of a third. */
const ROUNDS_FACTOR = 2;

export async function measureCounters(bed: Bed, settings: BenchSettings, questionFile: string): Promise<string> {
  const size = [String(settings.services), String(settings.endpoints)];
  const servers = [
    await startProgram(bed, "with counters", "counted-server.ts", ["counted", ...size]),
    await startProgram(bed, "without", "counted-server.ts", ["uncounted", ...size]),
  ];
  const load = { file: questionFile, seconds: settings.seconds, clients: 16, outstanding: 100 };
  const rounds = settings.rounds * ROUNDS_FACTOR;
  const samples = await alternate(servers, rounds, (server) => measureLoad(bed, server, load));
  await Promise.all(servers.map((server) => server.stop()));
  const [counted, uncounted] = servers.map((server) => samples.get(server)!);
  const differences = cpuDifferences(counted!, uncounted!);
  const rows = servers.map((server) => {
    const cpu = samples.get(server)!.map(({ cpuUs }) => cpuUs);
    const queriesPerSecond = median(samples.get(server)!.map((sample) => sample.queriesPerSecond));
    return [server.name, formatNumber(median(cpu), 3), formatNumber(spread(cpu), 3), formatNumber(queriesPerSecond)];
  });
  const difference = `${formatNumber(median(differences), 1)} % (spread ${formatNumber(spread(differences), 1)} %)`;
  return `## Counters (under 2 % of CPU per query)\n
${formatTable(["server", "CPU µs/query", "spread", "queries/s"], rows)}
Counting costs ${difference} in ${rounds} rounds; a difference below the spread is none.\n`;
}
