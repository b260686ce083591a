// `npm run soak`: one server under questions and changes for long, all answers checked, all that it holds watched. Tells
// a JSON line a minute, in a short run every ten seconds, and last `soak: passed` or `soak: failed: REASON`.
// Exit code 0, 1, or 2 on a wrong flag.
import { parseArgs } from "node:util";
import { soak } from "./soak.ts";

const USAGE = "npm run soak -- [--minutes N]   from 1 to 1440, 30 by default\n";
const MINUTES_DEFAULT = 30;
const MINUTES_MAX = 1440;
const SECONDS_PER_MINUTE = 60;
const RATE = 1_000;
const CHANGES_PER_SECOND = 10;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const minutes = parseMinutes(args);
  if (minutes === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { faults, ...estimates } = await soak({
    seconds: minutes * SECONDS_PER_MINUTE,
    stretchSeconds: stretchSecondsOf(minutes),
    rate: RATE,
    changesPerSecond: CHANGES_PER_SECOND,
    onStretch: ({ hours, ...stretch }, changes, examples) => {
      const seconds = Math.round(hours * 3600);
      tell(JSON.stringify({ seconds, ...stretch, changes, ...(examples.length > 0 && { examples }) }, round));
    },
  });
  tell(JSON.stringify(estimates, round));
  tell(faults.length === 0 ? "soak: passed" : `soak: failed: ${faults.join("; ")}`);
  return faults.length === 0 ? 0 : 1;
}

function parseMinutes(args: readonly string[]): number | undefined {
  try {
    const { minutes } = parseArgs({ args: [...args], options: { minutes: { type: "string" } } }).values;
    const number = Number(minutes ?? MINUTES_DEFAULT);
    return Number.isInteger(number) && number >= 1 && number <= MINUTES_MAX ? number : undefined;
  } catch {
    return undefined;
  }
}

/** A short run has shorter stretches, so that its thirds have some. */
function stretchSecondsOf(minutes: number): number {
  return minutes >= 15 ? SECONDS_PER_MINUTE : SECONDS_PER_MINUTE / 6;
}

function round(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
