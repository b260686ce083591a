// `npm run bench:micro`: what the parts cost by themselves, in one thread, without sockets.
import { benchAnswers } from "./answer.bench.ts";
import { makeServices } from "./cluster.ts";
import { benchChange, benchWholeCompile } from "./compile.bench.ts";
import { compileZone, parseServices } from "./compiled-zone.ts";
import type { MicroRow } from "./micro-measure.ts";
import { formatNumber, formatTable } from "./statistics.ts";
import { benchTable } from "./table.bench.ts";

const SIZES = [1_000, 10_000] as const;
const ENDPOINTS = 10;

for (const count of SIZES) {
  const services = makeServices({ services: count, endpoints: ENDPOINTS });
  const zone = compileZone(services);
  const { live } = zone.writer.heapBytes;
  const names = `${formatNumber(zone.writer.size)} names`;
  const size = `${formatNumber(count)} services, ${names}, ${formatNumber(live / 1e6, 1)} MB`;
  tell(`Answers, ${size}`, benchAnswers(zone, services));
  tell(`Table, ${size}`, benchTable(zone));
  tell(`Change, ${size}`, [benchChange(zone, parseServices(services))]);
}
tell("Compilation", benchWholeCompile(SIZES));

function tell(title: string, rows: readonly MicroRow[]): void {
  const cells = rows.map(({ name, ns, bytes }) => [name, formatTime(ns), formatNumber(bytes)]);
  process.stdout.write(`## ${title}\n\n${formatTable(["operation", "time", "bytes allocated"], cells)}\n`);
}

function formatTime(ns: number): string {
  if (ns < 1e4) return `${formatNumber(ns)} ns`;
  return ns < 1e7 ? `${formatNumber(ns / 1e3, 1)} µs` : `${formatNumber(ns / 1e6)} ms`;
}
