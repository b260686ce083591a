// `npm run simulate`: runs simulations by their seeds. Exit code 0 when all laws hold in all of them, 1 when one is
// broken, which is shown with its seed and what happened, 2 on a wrong flag.
import { parseArgs } from "node:util";
import { installClock } from "./install-clock.ts";
import { installFakes } from "./install-fakes.ts";
import { PLANTS } from "./planted.ts";
import type { SimulationResult } from "./simulation.ts";

const USAGE = `Usage: npm run simulate -- [--from N] [--seeds N] [--plant FAULT]
       npm run simulate -- --seed N [--seed N]... [--trace]

  --from N       the first seed (default 1)
  --seeds N      how many (default 10000)
  --seed N       this one instead
  --trace        tells what happened even if all laws hold
  --plant FAULT  plants a fault in src/: its name in planted.ts
`;

/** The clock of this process, before the simulated one takes its place. */
const now = performance.now.bind(performance);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args);
  if (typeof flags === "string") {
    process.stderr.write(`${flags}\n${USAGE}`);
    return 2;
  }
  installFakes(PLANTS.find(({ name }) => name === flags.plant));
  installClock();
  const { simulate } = await import("./simulation.ts");
  const startedAtMs = now();
  let judged = 0;
  for (const seed of flags.seeds) {
    const result = await simulate(seed);
    judged += result.looks + result.questions;
    if (result.broken !== undefined || flags.trace) process.stdout.write(formatResult(result));
    if (result.broken !== undefined) return 1;
  }
  const seconds = Math.round((now() - startedAtMs) / 1_000);
  process.stdout.write(`${flags.seeds.length} seeds, ${judged} answers judged, all laws hold, ${seconds} s\n`);
  return 0;
}

function formatResult({ seed, broken, trace }: SimulationResult): string {
  const again = `npm run simulate -- --seed ${seed}`;
  return `seed ${seed}: ${broken ?? "all laws hold"}\n${trace.join("\n")}\nagain: ${again}\n`;
}

interface Flags {
  readonly seeds: readonly number[];
  readonly trace: boolean;
  readonly plant: string | undefined;
}

/** What is wrong with the arguments, as text, where something is. */
function parseFlags(args: readonly string[]): Flags | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        from: { type: "string", default: "1" },
        seeds: { type: "string", default: "10000" },
        seed: { type: "string", multiple: true },
        trace: { type: "boolean", default: false },
        plant: { type: "string" },
      },
    }));
  } catch (error) {
    return (error as Error).message;
  }
  const { seed, trace, plant } = values;
  const [from, count] = [Number(values.from), Number(values.seeds)];
  const seeds = seed?.map(Number) ?? Array.from({ length: count > 0 ? count : 0 }, (_, i) => from + i);
  if (seeds.length === 0 || !seeds.every((each) => Number.isInteger(each))) return "a seed is a whole number";
  if (plant !== undefined && !PLANTS.some(({ name }) => name === plant)) return `no fault is called ${plant}`;
  return { seeds, trace, plant };
}
