// `npm run fuzz`: looks for inputs that break a law, one target after another. Exit code 0 when none was found, 1 when
// some were (they are written to a folder, with the command that runs each again), 2 on a wrong flag.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { corpusFolder, CRASH_FOLDER, readCorpus, readInput, replaceCorpus, writeInput } from "./corpus.ts";
import { linesNotReached, shareReached } from "./coverage.ts";
import { flood, FLOOD_PACKETS } from "./flood.ts";
import { fuzz } from "./fuzz-thread.ts";
import type { FuzzReport } from "./fuzz-thread.ts";
import { loadTarget, targetNames, targetUrl } from "./target.ts";

/** What runs against a whole server instead of a function. */
const SERVER = "server";
/** The slowest inputs take a few hundred milliseconds on a busy machine. */
const HANG_MS = 10_000;
/** More lines that did not run are counted: the target is not about that file. */
const LINES_MAX = 15;
const USAGE = `Usage: npm run fuzz -- [--target NAME]... [--minutes N] [--seed N] [--save]
       npm run fuzz -- --target NAME --input FILE
       npm run fuzz -- --target ${SERVER} [--packets N] [--seed N]

  --target NAME    one of: ${targetNames().join(", ")}; ${SERVER}, which is not among those run without this flag
  --minutes N      for each target (default 10)
  --seed N         so that a run can be repeated (default: the time)
  --save           makes what the run found worth keeping the target's corpus
  --input FILE     runs a target on one input and tells what came of it
  --packets N      sent to the server in batches, and a tenth of it by node:dgram (default ${FLOOD_PACKETS})
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args);
  if (typeof flags === "string") {
    process.stderr.write(`${flags}\n${USAGE}`);
    return 2;
  }
  const { targets, input, seed } = flags;
  if (input !== undefined) return runInput(targets[0]!, input);
  let isBroken = false;
  for (const name of targets) {
    if (name === SERVER) isBroken = !(await flood({ packets: flags.packets, seed, tell })) || isBroken;
    else isBroken = !(await runTarget(name, flags.minutes, seed, flags.save)) || isBroken;
  }
  return isBroken ? 1 : 0;
}

interface Flags {
  readonly targets: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  readonly save: boolean;
  readonly input?: string;
  readonly packets: number;
}

/** What is wrong with the arguments, as text, where something is. */
function parseFlags(args: readonly string[]): Flags | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        target: { type: "string", multiple: true },
        minutes: { type: "string", default: "10" },
        seed: { type: "string", default: String(Date.now() % 1e9) },
        save: { type: "boolean", default: false },
        input: { type: "string" },
        packets: { type: "string", default: String(FLOOD_PACKETS) },
      },
    }));
  } catch (error) {
    return (error as Error).message;
  }
  const { target: targets = targetNames(), save, input } = values;
  const unknown = targets.find((name) => name !== SERVER && !targetNames().includes(name));
  if (unknown !== undefined) return `no target ${unknown}`;
  if (input !== undefined && (targets.length !== 1 || targets[0] === SERVER)) return "--input needs one --target";
  const numbers = { minutes: Number(values.minutes), seed: Number(values.seed), packets: Number(values.packets) };
  const wrong = Object.entries(numbers).find(([, number]) => !(number > 0));
  if (wrong !== undefined) return `--${wrong[0]} is no number above 0`;
  return { targets, save, ...numbers, ...(input === undefined ? {} : { input }) };
}

/** Whether all laws held. */
async function runTarget(name: string, minutes: number, seed: number, save: boolean): Promise<boolean> {
  const target = await loadTarget(name);
  const startedAtMs = performance.now();
  const told = (report: FuzzReport): void => tell(formatProgress(name, report, performance.now() - startedAtMs));
  tell(`${name}: ${minutes} minutes with --seed ${seed}`);
  const settings = {
    targetUrl: targetUrl(name),
    watched: new URL("../../src/", import.meta.url).href,
    corpus: readCorpus(corpusFolder(name)),
    ms: minutes * 60_000,
    hangMs: HANG_MS,
    seed,
    untilFault: false,
  };
  const report = await fuzz(settings, told);
  told(report);
  tell(formatReached(report));
  for (const { input, message, stack } of report.faults) {
    const file = relative(process.cwd(), writeInput(CRASH_FOLDER, target.input, input, `${name}-`));
    tell(`${name}: ${message}\n${stack}\n  again: npm run fuzz -- --target ${name} --input ${file}`);
  }
  if (save && report.corpus.length > 0) replaceCorpus(corpusFolder(name), target.input, report.corpus);
  tell(`${name}: ${report.corpus.length} inputs are worth keeping${save ? ", and are kept" : ""}\n`);
  return report.faults.length === 0;
}

async function runInput(name: string, file: string): Promise<number> {
  const target = await loadTarget(name);
  try {
    tell(target.run(readInput(file)));
    return 0;
  } catch (error) {
    tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

function formatProgress(name: string, { runs, poolSize, faults }: FuzzReport, ms: number): string {
  const perSecond = Math.round(runs / (ms / 1000));
  return `${name}: ${Math.round(ms / 1000)} s, ${runs} runs, ${perSecond}/s, ${poolSize} inputs, ${faults.length} faults`;
}

/** A line for each file: the share of its functions' text that ran, and the lines that did not. */
function formatReached({ reached }: FuzzReport): string {
  const rows = [...reached].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([url, marks]) => {
    const path = fileURLToPath(url);
    const missed = linesNotReached(readFileSync(path, "utf8"), marks);
    const named = missed.length > LINES_MAX ? `${missed.length} lines` : `lines ${missed.join(" ")}`;
    const shown = path.slice(path.lastIndexOf("/src/") + 1);
    return `  ${(shareReached(marks) * 100).toFixed(1).padStart(5)} % ${shown}${missed.length > 0 ? `, not ${named}` : ""}`;
  });
  return lines.join("\n");
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
