// Starts the servers that are measured, each with one worker, no rate limit and no cache, serving the same cluster on
// a free port of 127.0.0.1; none of them asks anybody. Knows how each is configured, and nothing of what is done with it.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/support/process.ts";
import { askUdp } from "./check-answers.ts";
import { CLUSTER_DOMAIN, POD_CIDR, serviceName } from "./cluster.ts";
import type { ModelService, Question } from "./cluster.ts";
import { ZONE_TTL_SECONDS } from "./cluster-records.ts";
import { waitFor } from "./processes.ts";
import type { Processes } from "./processes.ts";

/** What every start needs: where to put files, and who ends the process. */
export interface Bed {
  /** An empty folder of the run's own. */
  readonly folder: string;
  readonly processes: Processes;
}

/** A server that answers. */
export interface BenchServer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** From the process's start to its first answer from the whole load, milliseconds. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 120_000;

/** Ours where it has nobody to ask, by the transport that is measured. */
export const OURS_ALONE = ["--udp-transport", "batch", "--upstream", "none"] as const;

/**
 * Ours, by its launcher and flags; ready when it says so. `args` come behind the usual ones, and name the upstream.
 * `logFile`: where its log goes, which is read here otherwise.
 */
export async function startOurs(
  bed: Bed,
  name: string,
  manifests: string | undefined,
  args: readonly string[] = OURS_ALONE,
  logFile?: string,
): Promise<BenchServer> {
  return await startLauncher(bed, name, ROOT, manifests, args, logFile);
}

/** An older version of ours from its own checkout, before there were upstreams. */
export async function startBaseline(bed: Bed, checkout: string, manifests: string): Promise<BenchServer> {
  return await startLauncher(bed, "baseline", `${checkout}/`, manifests, ["--udp-transport", "batch"]);
}

async function startLauncher(
  bed: Bed,
  name: string,
  checkout: string,
  manifests: string | undefined,
  args: readonly string[],
  logFile?: string,
): Promise<BenchServer> {
  const fixed = [
    "serve",
    ...[manifests ?? []].flat(),
    "--listen",
    "127.0.0.1:0",
    "--udp-workers",
    "1",
    "--pod-cidr",
    POD_CIDR,
  ];
  const startedAtMs = performance.now();
  const read = (line: unknown): number | undefined => {
    const event = line as { readonly msg?: string; readonly addresses?: readonly string[] };
    return event.msg === "serving" ? Number(event.addresses?.[0]?.split(":").at(-1)) : undefined;
  };
  const command = `${checkout}bin/cluster-dns`;
  const { child, value } =
    logFile === undefined
      ? await startTold(bed, name, command, [...fixed, ...args], read)
      : await startLogged(bed, logFile, command, [...fixed, ...args], read);
  return running(bed, { name, child, port: value, startedAtMs });
}

/** A program of this folder that tells `{"port":N}` when it is ready. */
export async function startProgram(
  bed: Bed,
  name: string,
  file: string,
  args: readonly string[],
): Promise<BenchServer> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const startedAtMs = performance.now();
  const { child, value } = await startTold(
    bed,
    name,
    process.execPath,
    [path, ...args],
    (line) => (line as { readonly port?: number }).port,
  );
  return running(bed, { name, child, port: value, startedAtMs });
}

/** Knot DNS from a zone file. */
export async function startKnot(bed: Bed, zoneFile: string, services: readonly ModelService[]): Promise<BenchServer> {
  const folder = newFolder(bed, "knot");
  const port = await freePort();
  writeFileSync(
    `${folder}/knot.conf`,
    `server:
    listen: 127.0.0.1@${port}
    rundir: ${folder}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: ${folder}
zone:
  - domain: ${CLUSTER_DOMAIN}
    file: ${zoneFile}
    journal-content: none
    semantic-checks: off
`,
  );
  return await startPeer(bed, {
    name: "Knot DNS",
    command: "knotd",
    args: ["-c", `${folder}/knot.conf`],
    port,
    question: lastOf(services),
  });
}

/** NSD from a zone file. */
export async function startNsd(bed: Bed, zoneFile: string, services: readonly ModelService[]): Promise<BenchServer> {
  const folder = newFolder(bed, "nsd");
  const port = await freePort();
  writeFileSync(
    `${folder}/nsd.conf`,
    `server:
    ip-address: 127.0.0.1@${port}
    server-count: 1
    username: ""
    zonesdir: "${folder}"
    database: ""
    pidfile: "${folder}/nsd.pid"
    xfrdfile: "${folder}/xfrd.state"
    xfrdir: "${folder}"
    zonelistfile: "${folder}/zone.list"
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: no
zone:
    name: ${CLUSTER_DOMAIN}
    zonefile: ${zoneFile}
`,
  );
  return await startPeer(bed, {
    name: "NSD",
    command: "nsd",
    args: ["-d", "-c", `${folder}/nsd.conf`],
    port,
    question: lastOf(services),
  });
}

/** CoreDNS with the kubernetes plugin alone, reading the same objects from an API server. */
export async function startCoreDns(
  bed: Bed,
  binary: string,
  api: { readonly url: string },
  services: readonly ModelService[],
): Promise<BenchServer> {
  const folder = newFolder(bed, "coredns");
  const port = await freePort();
  writeFileSync(
    `${folder}/Corefile`,
    `${CLUSTER_DOMAIN}:${port} {
    bind 127.0.0.1
    kubernetes {
        endpoint ${api.url}
        ttl ${ZONE_TTL_SECONDS}
    }
}
`,
  );
  return await startPeer(bed, {
    name: "CoreDNS",
    command: binary,
    args: ["-conf", `${folder}/Corefile`],
    port,
    question: lastOf(services),
  });
}

/** What is answered once everything is loaded. */
function lastOf(services: readonly ModelService[]): Question {
  return { name: serviceName(services.at(-1)!), type: "A" };
}

/** How a server is started that is not ours. */
export interface PeerStart {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** Is answered with a record when the server is ready. */
  readonly question: Question;
}

/** Starts a server that does not say when it is ready: it is asked. */
export async function startPeer(bed: Bed, { name, command, args, port, question }: PeerStart): Promise<BenchServer> {
  const logFile = `${bed.folder}/${command.split("/").at(-1)}.log`;
  const log = openSync(logFile, "a");
  const startedAtMs = performance.now();
  const child = await bed.processes.start(command, args, { stdio: ["ignore", log, log] });
  closeSync(log);
  const said = (): string => `${name} does not answer: ${readFileSync(logFile, "utf8").slice(-1000)}`;
  await waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(said());
      const reply = await askUdp(port, question);
      return reply !== undefined && reply.answer.length > 0 ? true : undefined;
    },
    START_TIMEOUT_MS,
    said,
  );
  return running(bed, { name, child, port, startedAtMs });
}

/** Starts a server whose standard output has a JSON line from which `read` takes a value. */
async function startTold<T>(
  bed: Bed,
  name: string,
  command: string,
  args: readonly string[],
  read: (line: unknown) => T | undefined,
): Promise<{ child: ChildProcess; value: T }> {
  const child = await bed.processes.start(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const value = await new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} does not get ready`)), START_TIMEOUT_MS);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const told = read(JSON.parse(line));
      if (told === undefined) return;
      clearTimeout(timer);
      resolve(told);
    });
  });
  return { child, value };
}

/** As `startTold`, for a program that writes its lines to a file. */
async function startLogged<T>(
  bed: Bed,
  file: string,
  command: string,
  args: readonly string[],
  read: (line: unknown) => T | undefined,
): Promise<{ child: ChildProcess; value: T }> {
  const descriptor = openSync(file, "a");
  const child = await bed.processes.start(command, args, { stdio: ["ignore", descriptor, "inherit"] });
  closeSync(descriptor);
  const told = async (): Promise<T | undefined> => {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => read(JSON.parse(line))).find((value) => value !== undefined);
  };
  return { child, value: await waitFor(told, START_TIMEOUT_MS, () => `${file} does not say that it is ready`) };
}

function running(
  bed: Bed,
  { name, child, port, startedAtMs }: { name: string; child: ChildProcess; port: number; startedAtMs: number },
): BenchServer {
  const readyMs = performance.now() - startedAtMs;
  return { name, port, pid: child.pid!, readyMs, stop: () => bed.processes.stop(child) };
}

/** A folder of the run's own for one server's files. */
export function newFolder(bed: Bed, name: string): string {
  const folder = `${bed.folder}/${name}`;
  mkdirSync(folder, { recursive: true });
  return folder;
}
