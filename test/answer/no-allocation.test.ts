// The answer path allocates nothing, whatever is asked: 200,000 questions of each kind in a process of its own, the
// heap's growth measured with no collection of garbage in between.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { ProbedKind } from "../support/core/measure-allocation.ts";

const PROBE = fileURLToPath(new URL("../support/core/allocation-probe.ts", import.meta.url));

/** Megabytes. What allocates a hundred bytes for each question would still not bring a collection about. */
const YOUNG_GENERATION = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

async function probe(...flags: readonly string[]): Promise<ProbedKind[]> {
  const args = ["--expose-gc", ...YOUNG_GENERATION, ...flags, PROBE];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 90_000 });
  return JSON.parse(stdout) as ProbedKind[];
}

test("no kind of question costs a byte", { timeout: 100_000 }, async () => {
  const kinds = await probe();
  expect(kinds.filter(({ collections, bytesPerQuery }) => collections > 0 || !(bytesPerQuery < 1))).toEqual([]);

  // That each question was of the kind that it says.
  const kind = (what: string): ProbedKind | undefined => kinds.find((each) => each.what === what);
  expect(kinds.length).toBeGreaterThanOrEqual(40);
  for (const { what, rcode, replySize, truncated } of kinds) {
    const isHandedOver = what.startsWith("handed over");
    const isMissing = what.startsWith("NXDOMAIN") || what === "a CNAME to nothing" || what.startsWith("an unknown pod");
    const expected = isHandedOver ? -1 : isMissing ? 3 : what.startsWith("SERVFAIL") ? 2 : 0;
    expect([what, rcode, truncated]).toEqual([what, expected, what.startsWith("trunc")]);
    expect(replySize > 30, what).toBe(!isHandedOver);
  }
  expect(kind("truncated")!.replySize).toBeLessThanOrEqual(512);
  expect(kind("A, rotated")!.replySize).toBeGreaterThan(1600);
});
