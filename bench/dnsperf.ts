// Runs dnsperf, the load generator, and reads what it tells. Its own latencies are means, so percentiles come from its
// verbose lines, one an answer, which go to a file: a pipe would need a reader that takes CPU from what is measured.
import { once } from "node:events";
import { closeSync, createReadStream, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { percentile } from "./statistics.ts";
import type { Processes } from "./processes.ts";

/** One run. */
export interface Load {
  readonly port: number;
  /** Questions, one a line. */
  readonly file: string;
  readonly seconds: number;
  readonly clients: number;
  readonly outstanding: number;
  /** Queries a second offered; as many as get through when absent. */
  readonly rate?: number;
  /** How often the whole file is asked at most; as often as there is time when absent. */
  readonly runs?: number;
  /** An answer later than this, in seconds, is lost; LOST_AFTER_SECONDS when absent. */
  readonly lostAfterSeconds?: number;
  /** The clients' address: one of the loopback's, which all belong to this host; 127.0.0.1 when absent. */
  readonly from?: string;
  /** UDP when absent. */
  readonly transport?: "tcp";
}

/** What came of it. */
export interface LoadResult {
  readonly completed: number;
  readonly lost: number;
  readonly queriesPerSecond: number;
  /** Answers by response code, such as NXDOMAIN. */
  readonly rcodes: Readonly<Record<string, number>>;
}

/** Percentiles of answer times, microseconds. */
export interface Latency {
  readonly p50Us: number;
  readonly p99Us: number;
}

const LOST_AFTER_SECONDS = 2;

/** Runs a load; `scratch` is a file for its output. */
export async function runLoad(processes: Processes, load: Load, scratch: string): Promise<LoadResult> {
  await run(processes, formatArguments(load), scratch);
  return parseResult(readFileSync(scratch, "utf8"));
}

/** Runs a load and takes the time of every answer. */
export async function runTimedLoad(processes: Processes, load: Load, scratch: string): Promise<LoadResult & Latency> {
  await run(processes, [...formatArguments(load), "-v"], scratch);
  const times: number[] = [];
  let summary = "";
  for await (const line of createInterface({ input: createReadStream(scratch) })) {
    const time = parseTime(line);
    if (time === undefined) summary += `${line}\n`;
    else times.push(time);
  }
  const sorted = Float64Array.from(times).toSorted();
  return { ...parseResult(summary), p50Us: percentile(sorted, 0.5), p99Us: percentile(sorted, 0.99) };
}

async function run(processes: Processes, args: readonly string[], scratch: string): Promise<void> {
  const output = openSync(scratch, "w");
  try {
    const child = await processes.start("dnsperf", args, { stdio: ["ignore", output, output] });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`dnsperf ended with ${code}: ${readFileSync(scratch, "utf8").slice(-500)}`);
  } finally {
    closeSync(output);
  }
}

function formatArguments(load: Load): readonly string[] {
  const { port, file, seconds, clients, outstanding, rate, runs, lostAfterSeconds = LOST_AFTER_SECONDS } = load;
  const { from, transport } = load;
  return [
    ...["-s", "127.0.0.1", "-p", String(port), "-d", file, "-l", String(seconds), "-t", String(lostAfterSeconds)],
    ...["-c", String(clients), "-T", "1", "-q", String(outstanding), "-e"],
    ...(rate === undefined ? [] : ["-Q", String(rate)]),
    ...(runs === undefined ? [] : ["-n", String(runs)]),
    ...(from === undefined ? [] : ["-a", from]),
    ...(transport === undefined ? [] : ["-m", transport]),
  ];
}

/** The totals of dnsperf's output; throws where one is missing. */
export function parseResult(text: string): LoadResult {
  const number = (label: string): number => {
    const match = new RegExp(`^\\s*${label}:\\s+([0-9.]+)`, "m").exec(text);
    if (match === null) throw new Error(`dnsperf told no "${label}": ${text.slice(-500)}`);
    return Number(match[1]);
  };
  return {
    completed: number("Queries completed"),
    lost: number("Queries lost"),
    queriesPerSecond: number("Queries per second"),
    rcodes: parseRcodes(text),
  };
}

/** Of a line `Response codes: NOERROR 9 (90.00%), NXDOMAIN 1 (10.00%)`; empty where nothing was answered. */
function parseRcodes(text: string): Readonly<Record<string, number>> {
  const [, line = ""] = /^\s*Response codes:(.*)$/m.exec(text) ?? [];
  return Object.fromEntries([...line.matchAll(/([A-Z]+) (\d+) \(/g)].map(([, rcode, count]) => [rcode, Number(count)]));
}

/** Microseconds of a verbose line, `> NOERROR name type 0.000123`; undefined for other lines. */
export function parseTime(line: string): number | undefined {
  if (!line.startsWith("> ")) return undefined;
  const seconds = Number(line.slice(line.lastIndexOf(" ") + 1));
  return Number.isNaN(seconds) ? undefined : seconds * 1e6;
}
