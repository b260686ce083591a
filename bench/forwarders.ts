// Starts forwarders that remember what an upstream has said, each with one thread and room for every answer of a run, on
// a free port of 127.0.0.1. Knows how each is configured, and nothing of what is done with it.
import { writeFileSync } from "node:fs";
import { freePort } from "../test/support/process.ts";
import type { Question } from "./cluster.ts";
import { FOREIGN_TTL_SECONDS } from "./foreign.ts";
import { treeUsage } from "./process-usage.ts";
import { hasProgram } from "./processes.ts";
import type { Measured } from "./rounds.ts";
import { newFolder, startOurs, startPeer } from "./servers.ts";
import type { Bed, BenchServer } from "./servers.ts";
import { formatNumber, median } from "./statistics.ts";

/** Answers that each has room for: more than a run has different questions. */
const CACHED_ANSWERS = 100_000;

/** Where a forwarder asks, and what is answered with a record when it is ready. */
export interface Forwarding {
  /** Of 127.0.0.1. */
  readonly upstreamPort: number;
  readonly question: Question;
}

/** Ours first, then each that is installed; `coreDns`: a binary. */
export async function startForwarders(
  bed: Bed,
  manifests: string,
  coreDns: string | undefined,
  forwarding: Forwarding,
): Promise<readonly BenchServer[]> {
  const servers = [await startOurForwarder(bed, manifests, forwarding)];
  if (hasProgram("unbound")) servers.push(await startUnbound(bed, forwarding));
  if (hasProgram("dnsmasq")) servers.push(await startDnsmasq(bed, forwarding));
  if (coreDns !== undefined) servers.push(await startCachingCoreDns(bed, coreDns, forwarding));
  return servers;
}

/** The columns of `formatForwarder`. */
export const FORWARDER_HEAD = ["server", "queries/s", "CPU µs/query", "lost", "resident MB"] as const;

/** A row of a table: medians of the samples, what was lost in all, and the memory that the server has now. */
export function formatForwarder({ name, pid }: BenchServer, samples: readonly Measured[]): readonly string[] {
  return [
    name,
    formatNumber(median(samples.map(({ queriesPerSecond }) => queriesPerSecond))),
    formatNumber(median(samples.map(({ cpuUs }) => cpuUs)), 2),
    formatNumber(samples.reduce((sum, { lost }) => sum + lost, 0)),
    formatNumber(treeUsage(pid).residentBytes / 1e6),
  ];
}

/** Ours, which serves the cluster of `manifests` as well. */
export async function startOurForwarder(
  bed: Bed,
  manifests: string,
  { upstreamPort }: Forwarding,
): Promise<BenchServer> {
  const args = ["--udp-transport", "batch", "--upstream", `127.0.0.1:${upstreamPort}`];
  return await startOurs(bed, "cluster-dns", manifests, args);
}

/** unbound, which validates nothing: the upstream's zone is not signed. */
export async function startUnbound(bed: Bed, { upstreamPort, question }: Forwarding): Promise<BenchServer> {
  const server = ["do-not-query-localhost: no", "msg-cache-size: 64m", "rrset-cache-size: 64m"];
  const zones = `forward-zone:
    name: "."
    forward-addr: 127.0.0.1@${upstreamPort}
`;
  return await runUnbound(bed, "unbound", question, server, zones);
}

/** unbound with one thread; `server`: more lines of that clause, `clauses`: those behind it. */
export async function runUnbound(
  bed: Bed,
  folderName: string,
  question: Question,
  server: readonly string[],
  clauses = "",
): Promise<BenchServer> {
  const folder = newFolder(bed, folderName);
  const port = await freePort();
  writeFileSync(
    `${folder}/unbound.conf`,
    `server:
    interface: 127.0.0.1@${port}
    username: ""
    chroot: ""
    directory: "${folder}"
    pidfile: ""
    use-syslog: no
    num-threads: 1
    module-config: "iterator"
${server.map((line) => `    ${line}\n`).join("")}remote-control:
    control-enable: no
${clauses}`,
  );
  const args = ["-d", "-c", `${folder}/unbound.conf`];
  return await startPeer(bed, { name: "unbound", command: "unbound", args, port, question });
}

/** dnsmasq, which has one thread in any case. */
async function startDnsmasq(bed: Bed, { upstreamPort, question }: Forwarding): Promise<BenchServer> {
  const folder = newFolder(bed, "dnsmasq");
  const port = await freePort();
  writeFileSync(
    `${folder}/dnsmasq.conf`,
    `port=${port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
server=127.0.0.1#${upstreamPort}
cache-size=${CACHED_ANSWERS}
dns-forward-max=1000
log-facility=-
pid-file=
`,
  );
  const args = ["--keep-in-foreground", `--conf-file=${folder}/dnsmasq.conf`];
  return await startPeer(bed, { name: "dnsmasq", command: "dnsmasq", args, port, question });
}

/** CoreDNS with the plugins forward and cache alone; `concurrent`: its bound on queries under way, which has no default. */
export async function startCachingCoreDns(
  bed: Bed,
  binary: string,
  { upstreamPort, question }: Forwarding,
  concurrent?: number,
): Promise<BenchServer> {
  const name = concurrent === undefined ? "CoreDNS" : `CoreDNS, max_concurrent ${concurrent}`;
  const folder = newFolder(bed, `coredns-cache${concurrent ?? ""}`);
  const port = await freePort();
  const bound = concurrent === undefined ? "" : ` {\n        max_concurrent ${concurrent}\n    }`;
  writeFileSync(
    `${folder}/Corefile`,
    `.:${port} {
    bind 127.0.0.1
    cache ${FOREIGN_TTL_SECONDS} {
        success ${CACHED_ANSWERS}
        denial ${CACHED_ANSWERS}
    }
    forward . 127.0.0.1:${upstreamPort}${bound}
}
`,
  );
  const args = ["GOMAXPROCS=1", binary, "-conf", `${folder}/Corefile`];
  return await startPeer(bed, { name, command: "env", args, port, question });
}
