// A short flood: what `npm run fuzz -- --target server` does for longer.
import { describe, expect, test } from "vitest";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { floodServer } from "./flood.ts";

const SEED = 20_260_801;

describe.skipIf(reasonAgainstBatches() !== undefined)("a flood of mutated packets", () => {
  test.each([
    ["batch", 20_000],
    ["dgram", 5_000],
  ] as const)("%s: the server lives, keeps its memory, and answers right", async (transport, packets) => {
    const { faults, sent, replies } = await floodServer(transport, packets, SEED);
    expect(faults).toEqual([]);
    expect(sent).toBeGreaterThanOrEqual(packets);
    expect(replies).toBeGreaterThan(packets * 0.8);
  });
});
