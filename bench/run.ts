// `npm run bench`: answers first, then speed, ours beside the peers that are installed. Exit code 0 when everything was
// measured, 1 on a wrong answer or another fault, 2 on a wrong flag or a missing tool. Ends what it starts.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem } from "node:os";
import type { ApiServer } from "../test/support/api-server/api-server.ts";
import { compareFallback, compareLone, compareLoss, compareThroughput } from "./beside-peers.ts";
import type { Comparison } from "./beside-peers.ts";
import { measureChanges } from "./changes.ts";
import { compareCached } from "./cached.ts";
import { CHECKED, checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { measureCounters } from "./counters.ts";
import { measureDeadUpstream } from "./dead-upstream.ts";
import { compareDoh } from "./doh.ts";
import { measureFairness } from "./fairness.ts";
import { startApiServer } from "./start-api-server.ts";
import { measureKubernetes } from "./kubernetes.ts";
import { writeZoneFile } from "./manifests.ts";
import { hasProgram, Processes } from "./processes.ts";
import { compareMisses } from "./misses.ts";
import { measureProtection } from "./protection.ts";
import { measureObserved } from "./observed.ts";
import { measureQueryLog } from "./query-log.ts";
import { measureRandomNames } from "./random-names.ts";
import { measureScrapes } from "./scrapes.ts";
import { measureScale } from "./scale.ts";
import { startBaseline, startCoreDns, startKnot, startNsd, startOurs, startProgram } from "./servers.ts";
import type { Bed, BenchServer } from "./servers.ts";
import { parseSettings, USAGE } from "./settings.ts";
import type { BenchSettings, Part } from "./settings.ts";
import { prepareWorkload } from "./workload.ts";
import type { Workload } from "./workload.ts";

/** The exit code after a signal, as a shell has it for Ctrl-C. */
const INTERRUPTED = 130;

/** Programs, the Debian packages that bring them, and whether nothing goes without. */
const TOOLS = [
  { program: "dnsperf", debianPackage: "dnsperf", needed: true },
  { program: "knotd", debianPackage: "knot", needed: false },
  { program: "nsd", debianPackage: "nsd", needed: false },
  { program: "unbound", debianPackage: "unbound", needed: false },
  { program: "dnsmasq", debianPackage: "dnsmasq-base", needed: false },
  { program: "h2load", debianPackage: "nghttp2-client", needed: false },
] as const;

// Debian keeps servers where only root looks.
process.env["PATH"] = `${process.env["PATH"] ?? ""}:/usr/sbin`;
const processes = new Processes();
const bed: Bed = { folder: mkdtempSync(`${tmpdir()}/cluster-dns-bench-`), processes };
process.once("exit", () => {
  processes.killAll();
  rmSync(bed.folder, { recursive: true, force: true });
});
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interruption.abort();
    void processes.stopAll().then(() => process.exit(INTERRUPTED));
  });
}
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const settings = parseSettings(args);
  if ("fault" in settings) {
    process.stderr.write(`${settings.fault}\n${USAGE}`);
    return 2;
  }
  for (const { program, debianPackage, needed } of TOOLS) {
    if (hasProgram(program)) continue;
    const install = `install it with: apt-get install ${debianPackage}`;
    process.stderr.write(`${program} is not on PATH${needed ? "" : ", and not measured"}; ${install}\n`);
    if (needed) return 2;
  }
  try {
    await measure(settings);
    return 0;
  } catch (error) {
    // What was being measured lost its processes: nothing to tell.
    if (interruption.signal.aborted) return INTERRUPTED;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  } finally {
    await processes.stopAll();
  }
}

async function measure(settings: BenchSettings): Promise<void> {
  const [coreDns, baseline] = [process.env["COREDNS"], process.env["BASELINE"]];
  const workload = prepareWorkload(bed, settings);
  const { questionFile, manifests } = workload;
  tell(describeRun(settings));
  const has = (...parts: readonly Part[]): boolean => parts.some((part) => settings.parts.includes(part));
  if (has("throughput", "loss", "lone")) {
    const api = coreDns === undefined ? undefined : await startApiServer(workload.services);
    const servers = await startAll(workload, coreDns, api, baseline);
    await check(servers, workload);
    const comparison: Comparison = { bed, settings, questionFile, servers };
    if (has("throughput")) tell(await compareThroughput(comparison));
    if (has("loss")) tell(await compareLoss(comparison));
    if (has("lone")) tell(await compareLone(comparison));
    await Promise.all(servers.map((server) => server.stop()));
    await api?.close();
  }
  if (has("dgram")) {
    const fallback = await startOurs(bed, "node:dgram", manifests, ["--udp-transport", "dgram", "--upstream", "none"]);
    await check([fallback], workload);
    const servers = [fallback, await startProgram(bed, "canned node:dgram", "canned-dgram.ts", [])];
    tell(await compareFallback({ bed, settings, questionFile, servers }));
    await Promise.all(servers.map((server) => server.stop()));
  }
  if (has("counters")) tell(await measureCounters(bed, settings, questionFile));
  if (has("query-log")) tell(await measureQueryLog(workload, (servers) => check(servers, workload)));
  if (has("observed")) tell(await measureObserved(workload, (servers) => check(servers, workload)));
  if (has("scale")) tell(await measureScale(bed, settings, coreDns));
  if (has("changes")) tell(await measureChanges(bed, settings, questionFile));
  if (has("cached")) tell(await compareCached(workload, coreDns));
  if (has("misses")) tell(await compareMisses(workload, coreDns));
  if (has("dead-upstream")) tell(await measureDeadUpstream(workload));
  if (has("random-names")) tell(await measureRandomNames(workload));
  if (has("protection")) tell(await measureProtection(workload, baseline));
  if (has("scrapes")) tell(await measureScrapes(workload));
  if (has("kubernetes")) tell(await measureKubernetes(bed, coreDns));
  if (has("fairness")) tell(await measureFairness(workload, coreDns));
  if (has("doh") && hasProgram("h2load")) tell(await compareDoh(workload, coreDns));
}

/** Ours, and each peer that is there. */
async function startAll(
  { services, manifests }: Workload,
  coreDns: string | undefined,
  api: ApiServer | undefined,
  baseline: string | undefined,
): Promise<readonly BenchServer[]> {
  const zoneFile = `${bed.folder}/cluster.zone`;
  writeZoneFile(zoneFile, services, "127.0.0.1");
  const servers = [await startOurs(bed, "cluster-dns", manifests)];
  if (baseline !== undefined) servers.push(await startBaseline(bed, baseline, manifests));
  if (hasProgram("knotd")) servers.push(await startKnot(bed, zoneFile, services));
  if (hasProgram("nsd")) servers.push(await startNsd(bed, zoneFile, services));
  if (coreDns !== undefined && api !== undefined) servers.push(await startCoreDns(bed, coreDns, api, services));
  return servers;
}

async function check(servers: readonly BenchServer[], { services, questions }: Workload): Promise<void> {
  await checkServers(servers, questions, new ExpectedAnswers(services));
  const names = servers.map(({ name }) => name).join(", ");
  tell(`${CHECKED} answers of each are right: ${names}.\n`);
}

function describeRun({ services, endpoints, rounds, seconds }: BenchSettings): string {
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  const machine = `${availableParallelism()} CPUs (${cpus()[0]?.model ?? "unknown"}), ${memory}`;
  return `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, Linux ${release()}, ${machine}.
${services} services of ${endpoints} endpoints; ${rounds} rounds of ${seconds} s; medians.\n`;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
