// Floods a running server with mutated packets: it must stay alive, log no fault, keep its memory and answer correctly
// afterwards. Starts and ends the server.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { treeUsage } from "../../bench/process-usage.ts";
import { Processes, waitFor } from "../../bench/processes.ts";
import { LAUNCHER, ROOT } from "../support/process.ts";
import { FloodClient } from "./flood-client.ts";
import { askAll, KNOWN_ANSWERS } from "./flood-questions.ts";

/** Sent by default to a server that takes datagrams in batches; node:dgram gets a tenth of them. */
export const FLOOD_PACKETS = 10_000_000;
const DGRAM_SHARE = 0.1;

export type UdpTransport = "batch" | "dgram";

export interface FloodSettings {
  readonly packets: number;
  readonly seed: number;
  readonly tell: (text: string) => void;
}

/** What a flood did to a server. */
export interface Flooded {
  /** What is wrong, a line each. */
  readonly faults: readonly string[];
  readonly sent: number;
  readonly replies: number;
  readonly seconds: number;
  /** When a tenth of the packets was sent, and at the end. */
  readonly residentBytes: readonly [before: number, after: number];
}

/** The first part of the packets, in which V8 compiles and heaps find their size. */
const WARM_UP_SHARE = 0.1;
/** Garbage comes and goes; more than this is a leak. */
const GROWTH_BYTES_MAX = 64e6;
const START_TIMEOUT_MS = 40_000;
/** Windows between two looks at the server's output, which would else fill its pipe. */
const WINDOWS_A_SLICE = 20;
/** pino's number for `error`. */
const ERROR_LEVEL = 50;

/** Floods a server with batches, then one with node:dgram; tells the figures and what is wrong. Whether nothing is. */
export async function flood({ packets, seed, tell }: FloodSettings): Promise<boolean> {
  let isSound = true;
  for (const transport of ["batch", "dgram"] as const) {
    const count = transport === "batch" ? packets : Math.ceil(packets * DGRAM_SHARE);
    tell(`server (${transport}): ${count} packets with --seed ${seed}`);
    const flooded = await floodServer(transport, count, seed);
    tell(`server (${transport}): ${formatFlooded(flooded)}`);
    for (const fault of flooded.faults) tell(`  ${fault}`);
    isSound &&= flooded.faults.length === 0;
  }
  return isSound;
}

/** Starts a server on the sample cluster, floods it with so many packets, and ends it. */
export async function floodServer(transport: UdpTransport, packets: number, seed: number): Promise<Flooded> {
  const processes = new Processes();
  const killAll = (): void => processes.killAll();
  const interrupt = (): never => process.exit(130);
  process.once("exit", killAll).once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const server = await startServer(processes, transport);
    const before = await askAll(server.port);
    const flooded = await sendPackets(server, packets, seed);
    const faults = [...flooded.faults, ...findWrongAnswers(before, await askAll(server.port))];
    if (server.child.exitCode !== null || server.child.signalCode !== null) faults.push("the server ended");
    await processes.stop(server.child);
    if (server.child.exitCode !== 0) faults.push(`the server ended with ${server.child.exitCode}`);
    return { ...flooded, faults: [...faults, ...(await server.loggedFaults())] };
  } finally {
    await processes.stopAll();
    process.off("exit", killAll).off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

interface FloodedServer {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it said that it should not have; once it has ended. */
  loggedFaults(): Promise<readonly string[]>;
}

async function startServer(processes: Processes, transport: UdpTransport): Promise<FloodedServer> {
  // Nobody else is to be flooded.
  const args = ["serve", `${ROOT}zones`, "--listen", "127.0.0.1:0", "--upstream", "none", "--udp-transport", transport];
  const child = await processes.start(LAUNCHER, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = text(child.stderr!);
  const faults: string[] = [];
  let port: number | undefined;
  const lines = createInterface({ input: child.stdout! });
  const closed = once(lines, "close");
  lines.on("line", (line) => {
    const { level, msg, addresses } = JSON.parse(line) as { level: number; msg: string; addresses?: string[] };
    if (level >= ERROR_LEVEL) faults.push(line);
    if (msg === "serving") port = Number(addresses?.[0]?.split(":").at(-1));
  });
  const whetherServing = async (): Promise<number | undefined> => {
    if (child.exitCode !== null) throw new Error(`the server ended: ${await said}`);
    return port;
  };
  const loggedFaults = async (): Promise<readonly string[]> => {
    await closed;
    return [...faults, ...(await said).split("\n").filter(Boolean)];
  };
  const served = await waitFor(whetherServing, START_TIMEOUT_MS, () => "the server does not get ready");
  return { child, port: served, loggedFaults };
}

async function sendPackets({ child, port }: FloodedServer, packets: number, seed: number): Promise<Flooded> {
  const client = new FloodClient(port, seed);
  const resident = (): number => treeUsage(child.pid!).residentBytes;
  const startedAtMs = performance.now();
  let warm = 0;
  try {
    while (client.sent < packets && client.faults.length === 0 && child.exitCode === null) {
      for (let i = 0; i < WINDOWS_A_SLICE && client.sent < packets; i++) client.turn();
      if (warm === 0 && client.sent >= packets * WARM_UP_SHARE) warm = resident();
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.checkStrays();
  } finally {
    client.close();
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const after = resident();
  const faults = [...client.faults];
  if (warm > 0 && after - warm > GROWTH_BYTES_MAX) faults.push(`memory grew from ${formatMegabytes(warm, after)}`);
  return { faults, sent: client.sent, replies: client.replies, seconds, residentBytes: [warm, after] };
}

function findWrongAnswers(before: readonly string[], after: readonly string[]): readonly string[] {
  const changed = after.flatMap((line, i) => (line === before[i] ? [] : [`${line}; before: ${before[i]}`]));
  return [...changed, ...KNOWN_ANSWERS.filter((known) => !after.includes(known)).map((line) => `not so: ${line}`)];
}

function formatFlooded({ faults, sent, replies, seconds, residentBytes }: Flooded): string {
  const memory = `${formatMegabytes(...residentBytes)} resident`;
  return `${sent} sent in ${seconds.toFixed(1)} s (${Math.round(sent / seconds)}/s), ${replies} replies, ${memory}, ${
    faults.length
  } faults`;
}

function formatMegabytes(before: number, after: number): string {
  return `${(before / 1e6).toFixed(1)} to ${(after / 1e6).toFixed(1)} MB`;
}
