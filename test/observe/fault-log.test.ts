import { describe, expect, test } from "vitest";
import { FaultLog } from "../../src/observe/fault-log.ts";
import type { Logger } from "../../src/observe/log.ts";

function capture(): { faults: FaultLog; lines: [message: string, count: number][] } {
  const lines: [string, number][] = [];
  const log = { error: ({ err, count }: { err: Error; count: number }) => lines.push([err.message, count]) };
  return { faults: new FaultLog(log as unknown as Logger), lines };
}

describe("FaultLog", () => {
  test("logs the first at once, and the number of its kind once a second", () => {
    const { faults, lines } = capture();
    for (let ms = 0; ms <= 1000; ms += 10) faults.report(new Error("a"), ms);
    expect(faults.total).toBe(101);
    expect(lines).toEqual([
      ["a", 1],
      ["a", 100],
    ]);
  });

  test("kinds do not hide each other", () => {
    const { faults, lines } = capture();
    faults.report(new Error("a"), 0);
    faults.report(new Error("b"), 0);
    expect(lines).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("endlessly many messages are few lines", () => {
    const { faults, lines } = capture();
    for (let n = 0; n < 10_000; n++) faults.report(new Error(`fault ${n}`), 0);
    expect(lines.length).toBeLessThan(100);
  });
});
