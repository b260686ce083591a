// The simulator itself: it finds faults that are planted in src/, and shows the seed and what happened.
import { expect, test } from "vitest";
import { PLANTS } from "./planted.ts";
import { runSimulator } from "./run-simulator.ts";

/** More than any of them needs; a fault that is harder to find would need a simulation that is nearer to it. */
const SEEDS_MAX = 2_000;
const TIMEOUT_MS = 600_000;

test.each(PLANTS.map(({ name, from = 1 }) => [name, from] as const))(
  "it finds that %s",
  async (name, from) => {
    const { output, code } = await runSimulator("--plant", name, "--from", String(from), "--seeds", String(SEEDS_MAX));
    expect(output).toMatch(/^seed \d+: .+\n(?: +\d+ ms {2}.+\n)*again: npm run simulate -- --seed \d+\n$/s);
    expect(code).toBe(1);
  },
  TIMEOUT_MS,
);
