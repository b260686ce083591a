import { describe, expect, test } from "vitest";
import { runAtOnce, runWithPauses } from "../../src/std/sliced.ts";
import type { Sliced } from "../../src/std/sliced.ts";

function* countTo(end: number, seen: string[]): Sliced<string> {
  for (let i = 1; i <= end; i++) {
    seen.push(String(i));
    yield;
  }
  return `${end} of ${end}`;
}

describe("work in slices", () => {
  test("at once, without a pause", () => {
    const seen: string[] = [];
    expect(runAtOnce(countTo(3, seen))).toBe("3 of 3");
    expect(seen).toEqual(["1", "2", "3"]);
  });

  test("with a pause whenever one is due", async () => {
    const seen: string[] = [];
    let slices = 0;
    const isDue = (): boolean => ++slices % 2 === 0;
    const pause = async (): Promise<void> => void seen.push("pause");
    expect(await runWithPauses(countTo(5, seen), isDue, pause)).toBe("5 of 5");
    expect(seen).toEqual(["1", "2", "pause", "3", "4", "pause", "5"]);
  });

  test("a fault in it is a rejection", async () => {
    const faulty = function* (): Sliced<void> {
      yield;
      throw new Error("broken");
    };
    await expect(
      runWithPauses(
        faulty(),
        () => true,
        () => Promise.resolve(),
      ),
    ).rejects.toThrow("broken");
    expect(() => runAtOnce(faulty())).toThrow("broken");
  });
});
