// Measures a thousand look-ups of external names with a pod's ndots:5: packets between client and server, and queries to the
// upstream, with and without autopath.
import { HOSTS_OUTSIDE } from "./questions.ts";
import { parseOutcome } from "./compare.ts";
import type { Workshop } from "./namespace.ts";

export const LOOKUPS = 1_000;
const MEASURED_STACKS = ["glibc", "musl"] as const;
export const SERVER_FLAGS = { without: [], with: ["--autopath"] } as const;

export interface Cost {
  readonly stack: string;
  readonly autopath: keyof typeof SERVER_FLAGS;
  readonly clientPackets: number;
  readonly upstreamQueries: number;
}

/** The costs for those of the stacks that are installed; throws where a look-up did not find its addresses. */
export async function measure(workshop: Workshop): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  const resolvConf = workshop.resolvConf("");
  const stacks = [...workshop.versions.keys()].filter(({ name }) => MEASURED_STACKS.some((each) => each === name));
  for (const autopath of ["without", "with"] as const) {
    // Other names for each stack: what the server has from the first one costs the second one nothing.
    const runs = stacks.map((stack, n) => workshop.runOf(stack, linesFrom(n * LOOKUPS)));
    const outcomes = await workshop.run({ serverFlags: SERVER_FLAGS[autopath], resolvConf, runs });
    for (const { id, lines, clientPackets, upstreamQueries } of outcomes) {
      const found = lines.filter((line) => parseOutcome(line).join() === HOSTS_OUTSIDE.addresses.join());
      if (found.length !== LOOKUPS) throw new Error(`${id}: ${found.length} of ${LOOKUPS} found, e.g. not ${lines[0]}`);
      costs.push({ stack: id, autopath, clientPackets, upstreamQueries });
    }
  }
  return costs;
}

function linesFrom(first: number): readonly string[] {
  return Array.from({ length: LOOKUPS }, (_, n) => `addresses host-${first + n}${HOSTS_OUTSIDE.suffix}`.slice(0, -1));
}
