// Runs inside a network and mount namespace of its own (see namespace.ts): a server at the cluster's DNS address, an
// upstream behind it, and one program after the other as a pod that asks. Prints what came out as JSON.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openOutside } from "./outside.ts";
import { POD, SERVER } from "./questions.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/cluster-dns", import.meta.url));
const START_TIMEOUT_MS = 40_000;
const RUN_TIMEOUT_MS = 60_000;

/** One program to be run; `input` goes to its standard input. */
export interface Run {
  readonly id: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

/** What is to be done inside. */
export interface Plan {
  /** Holds `manifests.json`, and takes the files that are mounted. */
  readonly folder: string;
  /** More of the server's command line. */
  readonly serverFlags: readonly string[];
  readonly resolvConf: string;
  readonly runs: readonly Run[];
}

/** What came of a run. */
export interface Outcome {
  readonly id: string;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** From the client to the server and back, by whatever transport. */
  readonly clientPackets: number;
  readonly upstreamQueries: number;
}

function command(line: string): void {
  const [program = "", ...args] = line.split(" ");
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${line}: ${error?.message ?? stderr}`);
}

function readyNetwork({ folder, resolvConf }: Plan): void {
  command("ip link set lo up");
  for (const address of [SERVER, POD]) command(`ip address add ${address}/32 dev lo`);
  // Queries to the server come from the pod's address.
  command(`ip route replace local ${SERVER} dev lo table local src ${POD}`);
  const files = { "resolv.conf": resolvConf, "nsswitch.conf": "hosts: dns\n", hosts: "127.0.0.1 localhost\n" };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    command(`mount --bind ${join(folder, name)} /etc/${name}`);
  }
}

async function startServer({ folder, serverFlags }: Plan, upstreamPort: number): Promise<ChildProcess> {
  const fixed = ["--listen", `${SERVER}:53`, "--upstream", `127.0.0.1:${upstreamPort}`, "--log-level", "warn"];
  const args = ["serve", join(folder, "manifests.json"), ...fixed, ...serverFlags];
  const child = spawn(LAUNCHER, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  const resolver = new Resolver({ timeout: 250, tries: 1 });
  resolver.setServers([SERVER]);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await resolver.resolve4("kubernetes.default.svc.cluster.local").catch((error: Error) => error);
    if (!(answer instanceof Error)) return child;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`no server (${answer.message}); it said:\n${said}`);
    }
    // A refused port answers at once: don't spin on it.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Packets that the loopback interface, the only one, has carried. */
function packetsSoFar(): number {
  const line = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .find((each) => each.trim().startsWith("lo:"));
  return Number(line?.trim().split(/\s+/)[2]);
}

async function runProgram({ command: [program = "", ...args], env, input }: Run) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, timeout: RUN_TIMEOUT_MS });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { lines: stdout.trimEnd().split("\n"), stderr };
}

async function main(plan: Plan): Promise<readonly Outcome[]> {
  readyNetwork(plan);
  const outside = await openOutside();
  const server = await startServer(plan, outside.port);
  const outcomes: Outcome[] = [];
  try {
    for (const run of plan.runs) {
      const before = { packets: packetsSoFar(), queries: outside.taken.length };
      const ran = await runProgram(run);
      const upstreamQueries = outside.taken.length - before.queries;
      // Over UDP a query to the upstream and its answer are two packets; the runs that are counted use nothing else.
      const clientPackets = packetsSoFar() - before.packets - 2 * upstreamQueries;
      outcomes.push({ id: run.id, ...ran, clientPackets, upstreamQueries });
    }
  } finally {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
    await outside.close();
  }
  return outcomes;
}

const plan = JSON.parse(await text(process.stdin)) as Plan;
process.stdout.write(JSON.stringify(await main(plan)));
