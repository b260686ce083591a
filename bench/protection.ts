// What protection costs names of the cluster: CPU a query with everything on, with everything off, and of an older
// version that knows none of it, in alternating rounds. Gives Markdown.
import { writeFileSync } from "node:fs";
import { checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { alternate, cpuDifferences, measureLoad } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { startBaseline, startOurs, startProgram } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/** A difference of a few percent needs more rounds than one of a third. */
const ROUNDS_FACTOR = 2;
const COOKIE_SECRET = "000102030405060708090a0b0c0d0e0f\n";
/** More than any load here has, though who asks from loopback is exempt in any case. */
const RATE_LIMIT = 1_000_000;

/** `baseline` is the checkout of an older version, to be measured as well. */
export async function measureProtection(workload: Workload, baseline: string | undefined): Promise<string> {
  const { bed, settings, services, questions, manifests, questionFile } = workload;
  const upstream = await startProgram(bed, "silent upstream", "silent-upstream.ts", []);
  const secretFile = `${bed.folder}/cookie-secret`;
  writeFileSync(secretFile, COOKIE_SECRET);
  const protectedBy = [
    ...["--upstream", `127.0.0.1:${upstream.port}`, "--allow", "127.0.0.0/8,::1/128"],
    ...["--cookie-secret", secretFile, "--nsid", "bench", "--rrl", String(RATE_LIMIT)],
  ];
  const servers = [
    await startOurs(bed, "everything on", manifests, ["--udp-transport", "batch", ...protectedBy]),
    await startOurs(bed, "everything off", manifests),
  ];
  if (baseline !== undefined) servers.push(await startBaseline(bed, baseline, manifests));
  await checkServers(servers, questions, new ExpectedAnswers(services));
  const load = { file: questionFile, seconds: settings.seconds, clients: 16, outstanding: 100 };
  const rounds = settings.rounds * ROUNDS_FACTOR;
  const samples = await alternate(servers, rounds, (server) => measureLoad(bed, server, load));
  await Promise.all([upstream, ...servers].map((server) => server.stop()));
  const rows = servers.map((server) => formatRow(server, samples.get(server)!));
  const pairs = servers.flatMap((server, i) => servers.slice(i + 1).map((other) => [server, other] as const));
  const differences = pairs.map(([server, other]) => {
    const percents = cpuDifferences(samples.get(server)!, samples.get(other)!);
    const pair = `${server.name} to ${other.name}`;
    return [pair, `${formatNumber(median(percents), 1)} %`, `${formatNumber(spread(percents), 1)} %`];
  });
  return `## Protection (at most 5 % of CPU per query)\n
${formatTable(["server", "CPU µs/query", "spread", "queries/s", "lost"], rows)}
${formatTable(["CPU per query", "difference", "spread"], differences)}
${rounds} rounds; a difference below the spread is none.\n`;
}

function formatRow(server: BenchServer, samples: readonly Measured[]): readonly string[] {
  const cpu = samples.map(({ cpuUs }) => cpuUs);
  return [
    server.name,
    formatNumber(median(cpu), 3),
    formatNumber(spread(cpu), 3),
    formatNumber(median(samples.map(({ queriesPerSecond }) => queriesPerSecond))),
    formatNumber(samples.reduce((sum, { lost }) => sum + lost, 0)),
  ];
}
