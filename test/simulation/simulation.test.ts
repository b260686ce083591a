// A whole server in simulations of files, upstreams and faults; docs/simulation.md.
import { expect, test } from "vitest";
import { isThorough } from "../support/thorough.ts";
import { runSimulator } from "./run-simulator.ts";

/** A variable asks for more. */
const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? (isThorough ? 2_000 : 300));
/** A machine for tests has two processors at least. */
const PROCESSES = 2;
const TIMEOUT_MS = 1_200_000;

test(
  `all laws hold in ${SEEDS} simulations`,
  async () => {
    const share = Math.ceil(SEEDS / PROCESSES);
    const parts = Array.from({ length: PROCESSES }, (_, i) =>
      runSimulator("--from", String(1 + i * share), "--seeds", String(share)),
    );
    for (const { output, code } of await Promise.all(parts)) {
      expect(output).toMatch(/^\d+ seeds, \d+ answers judged, all laws hold, \d+ s\n$/);
      expect(code).toBe(0);
    }
  },
  TIMEOUT_MS,
);

test("a seed gives the same simulation again", async () => {
  const [first, second] = await Promise.all([1, 2].map(() => runSimulator("--seed", "7", "--trace")));
  expect(first!.output).toMatch(/^seed 7: all laws hold\n +\d+ ms {2}\S/);
  const withoutTime = (text: string): string => text.replace(/\d+ s\n$/, "");
  expect(withoutTime(first!.output)).toBe(withoutTime(second!.output));
});

test.each([
  [["--seeds", "some"], "a seed is a whole number"],
  [["--plant", "none"], "no fault is called none"],
  [["--other"], "Unknown option '--other'"],
])("%j is a wrong flag", async (args, message) => {
  const { output, code } = await runSimulator(...args);
  expect(output).toContain(message);
  expect(code).toBe(2);
});
