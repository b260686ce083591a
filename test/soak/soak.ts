// Runs a server for long, asks it without a pause, changes its files all the time, and samples what it holds. Every
// answer is checked. Starts and ends the server and its upstream.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delay, Processes } from "../../bench/processes.ts";
import { startOurs, startProgram } from "../../bench/servers.ts";
import type { BenchServer } from "../../bench/servers.ts";
import { Prober, quantile, totalOf } from "../faults/prober.ts";
import type { ProbeQuestion, Tally } from "../faults/prober.ts";
import type { Endpoint } from "../support/network.ts";
import { ChangingFolder } from "./changing-folder.ts";
import { countsOf, residentMegabytes } from "../support/process-counts.ts";
import type { ProcessCounts } from "../support/process-counts.ts";
import { judge } from "./verdict.ts";
import type { Stretch, Verdict } from "./verdict.ts";

export interface SoakSettings {
  readonly seconds: number;
  /** The length of a stretch. */
  readonly stretchSeconds: number;
  /** Questions a second. */
  readonly rate: number;
  readonly changesPerSecond: number;
  /** A question without a reply for so long is lost; default: two seconds. */
  readonly lostMs?: number;
  /** Called at the end of each stretch, with the changes so far and what was not right in the stretch. */
  readonly onStretch: (stretch: Stretch, changes: number, examples: readonly string[]) => void;
}

const SLOTS = 400;
/** Far longer than a change takes, for a machine that does other things as well. */
const SETTLE_MS = 10_000;
const YARDSTICK_RATE = 200;
const MS_PER_HOUR = 3_600_000;
/** Between two looks at memory. */
const SAMPLE_MS = 500;
/** What the upstream says to everything. */
const FORWARDED = "NOERROR A 192.0.2.1";
/** Forwarded names that are asked again and again; as many others are asked once. */
const CACHED_NAMES = 100;

/** Resolves when the time is over and everything has ended. */
export async function soak(settings: SoakSettings): Promise<Verdict> {
  const processes = new Processes();
  const killAll = (): void => processes.killAll();
  process.once("exit", killAll);
  const folder = mkdtempSync(`${tmpdir()}/cluster-dns-soak-`);
  try {
    const served = `${folder}/files`;
    const files = new ChangingFolder({ folder: served, slots: SLOTS, forwarded: FORWARDED, settleMs: SETTLE_MS });
    const bed = { folder, processes };
    const upstream = await startProgram(bed, "upstream", "partly-silent-upstream.ts", []);
    // The smallest cache is full soon, so that what is held then stays the same.
    const forwarding = ["--upstream", `127.0.0.1:${upstream.port}`, "--cache-size", "1"];
    const server = await startOurs(bed, "cluster-dns", served, forwarding);
    return judge(await runStretches(settings, files, server, upstream));
  } finally {
    await processes.stopAll();
    process.off("exit", killAll);
    rmSync(folder, { recursive: true });
  }
}

/** What was seen of a stretch: tallies are final only when all of its questions are over. */
interface Seen extends ProcessCounts {
  readonly hours: number;
  readonly residentMegabytes: number;
  readonly tally: Tally;
  readonly yardstick: Tally;
}

async function runStretches(
  { seconds, stretchSeconds, rate, changesPerSecond, lostMs, onStretch }: SoakSettings,
  files: ChangingFolder,
  server: BenchServer,
  upstream: BenchServer,
): Promise<readonly Stretch[]> {
  const asking = { next: (n: number) => questionOf(files, n), rate, ...(lostMs !== undefined && { lostMs }) };
  const prober = await Prober.open(endpointOf(server), asking);
  const always: ProbeQuestion = { name: "yardstick.example.", type: "A", kind: "forwarded", right: [FORWARDED] };
  const yardstick = await Prober.open(endpointOf(upstream), { next: () => always, rate: YARDSTICK_RATE, sockets: 1 });
  const startedMs = performance.now();
  let resident = Infinity;
  const changing = setInterval(() => {
    const due = ((performance.now() - startedMs) * changesPerSecond) / 1000;
    while (files.changes < due && files.change(performance.now(), Math.random));
  }, 1000 / changesPerSecond);
  const sampling = setInterval(() => (resident = Math.min(resident, residentMegabytes(server.pid))), SAMPLE_MS);
  const all: Seen[] = [];
  try {
    for (let n = 1; n <= seconds / stretchSeconds; n++) {
      const tallies = { tally: prober.phase(), yardstick: yardstick.phase() };
      resident = residentMegabytes(server.pid);
      await delay(startedMs + n * stretchSeconds * 1000 - performance.now());
      const hours = (performance.now() - startedMs) / MS_PER_HOUR;
      const seen = { ...tallies, ...countsOf(server.pid), hours, residentMegabytes: resident };
      all.push(seen);
      onStretch(stretchOf(seen), files.changes, seen.tally.examples);
    }
  } finally {
    clearInterval(changing);
    clearInterval(sampling);
    await Promise.all([prober.stop(), yardstick.stop()]);
  }
  return all.map(stretchOf);
}

function stretchOf({ tally, yardstick, ...seen }: Seen): Stretch {
  const { known, missing } = tally.latencies;
  const local = [...known, ...missing];
  return {
    ...seen,
    sent: tally.sent,
    wrong: tally.wrong + totalOf(tally.failed),
    lost: totalOf(tally.lost),
    p50Ms: quantile(local, 0.5),
    p99Ms: quantile(local, 0.99),
    yardstickP99Ms: quantile(yardstick.latencies.forwarded, 0.99),
  };
}

/** Of ten questions seven are about files, one about nothing, one is cached and one forwarded. */
function questionOf(files: ChangingFolder, n: number): ProbeQuestion {
  const tenth = Math.floor(n / 10);
  switch (n % 10) {
    case 0:
      return { name: `missing${tenth}.default.svc.cluster.local.`, type: "A", kind: "missing", right: ["NXDOMAIN"] };
    case 1:
      return { name: `www.cached${tenth % CACHED_NAMES}.example.`, type: "A", kind: "forwarded", right: [FORWARDED] };
    case 2:
      return { name: `www.once${tenth}.example.`, type: "A", kind: "forwarded", right: [FORWARDED] };
    default:
      // Coprime to the number of files, so that each is asked about.
      return files.question(n * 7);
  }
}

function endpointOf({ port }: BenchServer): Endpoint {
  return { host: "127.0.0.1", port };
}
