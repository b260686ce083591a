// What a name costs that is not cached, ours beside that of other forwarders: each name is asked for once, and all ask
// one upstream on the loopback interface, which denies them. Gives Markdown.
import { formatRatios } from "./beside-peers.ts";
import { askUdp } from "./check-answers.ts";
import { serviceName } from "./cluster.ts";
import { FOREIGN_DOMAIN, missingQuestion, missingQuestions, toForeign } from "./foreign.ts";
import { FORWARDER_HEAD, formatForwarder, startForwarders } from "./forwarders.ts";
import { writeQuestions } from "./manifests.ts";
import { alternate, measureLoad } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { OURS_ALONE, startOurs } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatTable } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const CLIENTS = 16;
const OUTSTANDING = 100;
/** More names than any server here answers in a second: no run asks for a name twice. */
const NAMES_PER_SECOND = 120_000;
/** Names that are checked before anything is timed; they are asked for in no run. */
const CHECKED_NAMES = 100;

/** `coreDns` is a binary to be measured as well. */
export async function compareMisses(workload: Workload, coreDns: string | undefined): Promise<string> {
  const { bed, settings, services, manifests } = workload;
  const domain = ["--cluster-domain", FOREIGN_DOMAIN];
  const upstream = await startOurs(bed, "upstream", manifests, [...OURS_ALONE, ...domain]);
  const question = { name: toForeign(serviceName(services.at(-1)!)), type: "A" } as const;
  const servers = await startForwarders(bed, manifests, coreDns, { upstreamPort: upstream.port, question });
  for (const server of servers) await checkDenials(server);
  const file = `${bed.folder}/misses.txt`;
  const { rounds, seconds } = settings;
  const count = NAMES_PER_SECOND * seconds;
  let next = CHECKED_NAMES;
  const samples = await alternate(servers, rounds, async (server): Promise<Measured> => {
    writeQuestions(file, missingQuestions(next, count, FOREIGN_DOMAIN));
    next += count;
    const measured = await measureLoad(bed, server, { file, seconds, clients: CLIENTS, outstanding: OUTSTANDING });
    const { completed, rcodes } = measured;
    if (rcodes["NXDOMAIN"] !== completed)
      throw new Error(`${server.name}: of ${completed} missing names: ${JSON.stringify(rcodes)}`);
    return measured;
  });
  const rows = servers.map((server) => formatForwarder(server, samples.get(server)!));
  await Promise.all([upstream, ...servers].map((server) => server.stop()));
  return `## Misses (at least 2.0 of unbound's throughput at 0.5 of its CPU)\n
${CLIENTS} clients, ${OUTSTANDING} queries outstanding, no name twice; the upstream says NXDOMAIN.

${formatTable(FORWARDER_HEAD, rows)}
${formatRatios(servers, samples)}`;
}

/** Throws unless the forwarder denies names as the upstream does. */
async function checkDenials({ name, port }: BenchServer): Promise<void> {
  for (let i = 0; i < CHECKED_NAMES; i++) {
    const question = missingQuestion(i, FOREIGN_DOMAIN);
    const reply = await askUdp(port, question);
    if (reply?.rcode !== "NXDOMAIN" || reply.authority[0]?.type !== "SOA")
      throw new Error(`${name} answers wrongly: ${question.name}: ${reply?.rcode ?? "no answer"}`);
  }
}
