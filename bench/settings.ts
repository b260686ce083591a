// What a run of the benchmarks is told: flags to settings. Pure.
import { parseArgs } from "node:util";

export const PARTS = [
  ...["throughput", "loss", "lone", "dgram", "counters", "query-log", "observed", "scale", "changes"],
  ...["cached", "misses", "dead-upstream", "random-names", "protection", "scrapes", "fairness", "kubernetes", "doh"],
] as const;
export type Part = (typeof PARTS)[number];
/** Too long to be measured without being asked for. */
const ONLY_WHEN_NAMED: readonly Part[] = ["random-names", "fairness", "kubernetes"];

/** How much is measured. */
export interface BenchSettings {
  /** Services of the cluster. */
  readonly services: number;
  /** Of each service. */
  readonly endpoints: number;
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** Of the flood of random names. */
  readonly minutes: number;
  readonly parts: readonly Part[];
}

export const USAGE = `npm run bench -- [--names N] [--endpoints N] [--rounds N] [--seconds S] [--minutes M] [--only PART,...]
  --names      services of the cluster (1000), a fourth of them headless
  --endpoints  of each service (10)
  --rounds     rounds, in each of which every server has its turn (5)
  --seconds    of each measurement (5)
  --minutes    of the flood of random names (10)
  --only       of ${PARTS.join(", ")}: these alone;
               without it all but ${ONLY_WHEN_NAMED.join(", ")}
COREDNS=PATH names a CoreDNS to be measured as well, BASELINE=DIR the checkout of an older version to compare with
(throughput, loss, lone, protection).
`;

const LIMITS = { names: 100_000, endpoints: 5_000, rounds: 100, seconds: 60, minutes: 60 } as const;

/** The settings, or what is wrong with the flags. */
export function parseSettings(args: readonly string[]): BenchSettings | { readonly fault: string } {
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        names: { type: "string", default: "1000" },
        endpoints: { type: "string", default: "10" },
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "5" },
        minutes: { type: "string", default: "10" },
        only: { type: "string", default: PARTS.filter((part) => !ONLY_WHEN_NAMED.includes(part)).join(",") },
      },
    }).values;
  } catch (error) {
    return { fault: (error as Error).message };
  }
  for (const [name, most] of Object.entries(LIMITS)) {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1 || number > most) {
      return { fault: `--${name} ${values[name]}: a whole number from 1 to ${most} is expected` };
    }
  }
  const parts = String(values["only"]).split(",");
  const unknown = parts.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) return { fault: `--only ${unknown}: one of ${PARTS.join(", ")} is expected` };
  return {
    services: Number(values["names"]),
    endpoints: Number(values["endpoints"]),
    rounds: Number(values["rounds"]),
    seconds: Number(values["seconds"]),
    minutes: Number(values["minutes"]),
    parts: PARTS.filter((part) => parts.includes(part)),
  };
}
