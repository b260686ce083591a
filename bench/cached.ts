// What an answer out of the cache costs, ours beside that of other forwarders, and beside the same names as our own. All
// ask one upstream, which serves the measured cluster under a foreign domain. Gives Markdown.
import { formatRatios } from "./beside-peers.ts";
import { checkServers, findCachedFault } from "./check-answers.ts";
import { serviceName } from "./cluster.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { runLoad } from "./dnsperf.ts";
import { distinctQuestions, FOREIGN_DOMAIN, FOREIGN_TTL_SECONDS, foreignQuestions, toForeign } from "./foreign.ts";
import { FORWARDER_HEAD, formatForwarder, startForwarders } from "./forwarders.ts";
import { writeQuestions } from "./manifests.ts";
import { treeUsage } from "./process-usage.ts";
import { alternate, measureLoad } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { OURS_ALONE, startOurs } from "./servers.ts";
import type { Bed, BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/** A load's result with what it cost the upstream: nothing, where all of it was cached. */
interface CachedMeasured extends Measured {
  readonly upstreamCpuUs: number;
}

const CLIENTS = 16;
const OUTSTANDING = 100;
/** So many queries outstanding while caches are filled: no upstream's socket overflows. */
const PRIMING_OUTSTANDING = 20;
const PRIMING_SECONDS_MAX = 30;
/** How often what was lost in priming is asked again. */
const PRIMINGS_MAX = 3;

/** `coreDns` is a binary to be measured as well. */
export async function compareCached(workload: Workload, coreDns: string | undefined): Promise<string> {
  const { bed, settings, services, manifests, questionFile } = workload;
  const questions = foreignQuestions(workload.questions);
  const [foreignFile, primingFile] = [`${bed.folder}/foreign.txt`, `${bed.folder}/priming.txt`];
  const distinct = distinctQuestions(questions);
  writeQuestions(foreignFile, questions);
  writeQuestions(primingFile, distinct);
  const ttl = String(FOREIGN_TTL_SECONDS);
  const domain = ["--cluster-domain", FOREIGN_DOMAIN, "--ttl", ttl];
  const upstream = await startOurs(bed, "upstream", manifests, [...OURS_ALONE, ...domain]);
  const lastName = toForeign(serviceName(services.at(-1)!));
  const forwarders = await startForwarders(bed, manifests, coreDns, {
    upstreamPort: upstream.port,
    question: { name: lastName, type: "A" },
  });
  // The same process, asked for the same names as its own.
  const own: BenchServer = { ...forwarders[0]!, name: "cluster-dns, its own names" };
  const expected = new ExpectedAnswers(services);
  for (const server of forwarders) await prime(bed, server, primingFile);
  await checkServers(forwarders, questions, expected, findCachedFault);
  await checkServers([own], workload.questions, expected);
  const servers = [forwarders[0]!, own, ...forwarders.slice(1)];
  const samples = await alternate(servers, settings.rounds, async (server): Promise<CachedMeasured> => {
    // What does not exist is remembered for some minutes only, whatever its SOA says.
    if (server !== own) await prime(bed, server, primingFile);
    const file = server === own ? questionFile : foreignFile;
    const before = treeUsage(upstream.pid).cpuUs;
    const load = { file, seconds: settings.seconds, clients: CLIENTS, outstanding: OUTSTANDING };
    const measured = await measureLoad(bed, server, load);
    return { ...measured, upstreamCpuUs: (treeUsage(upstream.pid).cpuUs - before) / measured.completed };
  });
  const rows = servers.map((server) => formatRow(server, samples.get(server)!));
  await Promise.all([upstream, ...forwarders].map((server) => server.stop()));
  const head = [...FORWARDER_HEAD, "upstream's CPU µs/query"];
  return `## Cached (at least 0.70 of the throughput of own names)\n
${formatNumber(distinct.length)} different questions, all in each cache; answers are right.

${formatTable(head, rows)}
${formatRatios(servers, samples)}`;
}

/** Asks for everything once; throws when answers stay away. */
async function prime(bed: Bed, { name, port }: BenchServer, file: string): Promise<void> {
  const load = { port, file, runs: 1, seconds: PRIMING_SECONDS_MAX, clients: 1, outstanding: PRIMING_OUTSTANDING };
  for (let i = 0; i < PRIMINGS_MAX; i++) {
    const { lost, rcodes } = await runLoad(bed.processes, load, `${bed.folder}/dnsperf.txt`);
    if (lost === 0 && rcodes["SERVFAIL"] === undefined) return;
  }
  throw new Error(`${name} leaves questions unanswered that its upstream would answer`);
}

function formatRow(server: BenchServer, samples: readonly CachedMeasured[]): readonly string[] {
  const upstreamCpuUs = median(samples.map((sample) => sample.upstreamCpuUs));
  return [...formatForwarder(server, samples), formatNumber(upstreamCpuUs, 2)];
}
