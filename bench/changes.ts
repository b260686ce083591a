// What changes cost those who ask: times of answers at a steady rate of queries, without and with two thousand endpoint
// changes a second, how soon changes are served, and whether memory stays flat. Gives Markdown.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runTimedLoad } from "./dnsperf.ts";
import type { Latency, LoadResult } from "./dnsperf.ts";
import { delay } from "./processes.ts";
import { treeUsage } from "./process-usage.ts";
import type { Bed } from "./servers.ts";
import type { BenchSettings } from "./settings.ts";
import { formatNumber, formatTable, median, percentile } from "./statistics.ts";

/** What the changing server tells first. */
export interface ChangesReady {
  readonly port: number;
}

/** What it is told. */
export interface ChangesOrder {
  readonly seconds: number;
  /** Changes a second. */
  readonly rate: number;
}

/** What it tells last. */
export interface ChangesDone {
  readonly made: number;
  /** Of a sample of changes: from handing over to the first answer that has it, milliseconds. */
  readonly seenMs: readonly number[];
}

const CHANGES_PER_SECOND = 2_000;
const QUERIES_PER_SECOND = 20_000;
/** Changes go on for so many measurements' time: memory needs longer than answers to show its way. */
const DURATION_FACTOR = 6;
const MEMORY_SAMPLE_MS = 1_000;
/** Of the samples of memory, as many are shown. */
const MEMORY_SHOWN = 7;

export async function measureChanges(bed: Bed, settings: BenchSettings, questionFile: string): Promise<string> {
  const program = fileURLToPath(new URL("changing-server.ts", import.meta.url));
  const args = [program, String(settings.services), String(settings.endpoints)];
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  const child = await bed.processes.start(process.execPath, args, { stdio: [...stdio] });
  const [{ port }] = (await once(child, "message")) as [ChangesReady];
  const seconds = settings.seconds * DURATION_FACTOR;
  const load = { port, file: questionFile, clients: 16, outstanding: 400, rate: QUERIES_PER_SECOND };
  const ask = (during: number): Promise<LoadResult & Latency> =>
    runTimedLoad(bed.processes, { ...load, seconds: during }, `${bed.folder}/dnsperf.txt`);
  await ask(1);
  const before = await ask(settings.seconds * 2);
  const done = once(child, "message") as Promise<[ChangesDone]>;
  child.send({ seconds, rate: CHANGES_PER_SECOND } satisfies ChangesOrder);
  const memory = sampleMemory(child.pid!, seconds);
  const changing = await ask(seconds);
  const [{ made, seenMs }] = await done;
  const residentMb = await memory;
  const after = await ask(settings.seconds * 2);
  await bed.processes.stop(child);
  const rows = [
    formatRow("none, before", before),
    formatRow("at that rate", changing),
    formatRow("none, after", after),
  ];
  const ratio = changing.p99Us / median([before.p99Us, after.p99Us]);
  const shown = thin(residentMb, MEMORY_SHOWN).map((mb) => formatNumber(mb));
  return `## Changes (p99 at most twice; seen within 100 ms; memory flat)\n
${formatNumber(QUERIES_PER_SECOND)} queries/s; ${formatNumber(made / seconds)} endpoint changes/s for ${seconds} s.

${formatTable(["changes", "p50 µs", "p99 µs", "lost"], rows)}
p99 with changes to without: ${formatNumber(ratio, 2)}. ${formatSeen(seenMs)}
Resident MB from begin to end: ${shown.join(", ")}.\n`;
}

function formatRow(label: string, { p50Us, p99Us, lost }: LoadResult & Latency): readonly string[] {
  return [label, formatNumber(p50Us), formatNumber(p99Us), formatNumber(lost)];
}

function formatSeen(seenMs: readonly number[]): string {
  const sorted = Float64Array.from(seenMs).toSorted();
  const [p50, most] = [percentile(sorted, 0.5), percentile(sorted, 1)].map((ms) => formatNumber(ms, 1));
  return `Of ${sorted.length} changes followed, half were served within ${p50} ms and all within ${most} ms.`;
}

async function sampleMemory(pid: number, seconds: number): Promise<readonly number[]> {
  const samples: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    samples.push(treeUsage(pid).residentBytes / 1e6);
    await delay(MEMORY_SAMPLE_MS);
  }
  return samples;
}

/** At most `count` of the values, evenly, the first and the last among them. */
function thin(values: readonly number[], count: number): readonly number[] {
  if (values.length <= count) return values;
  return Array.from({ length: count }, (_, i) => values[Math.round((i * (values.length - 1)) / (count - 1))]!);
}
