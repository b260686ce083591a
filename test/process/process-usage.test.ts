import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { readProcessUsage } from "../../src/process/process-usage.ts";

test("tells what this process takes", () => {
  const usage = readProcessUsage();
  expect(Math.abs(Date.now() / 1000 - process.uptime() - usage.startSeconds)).toBeLessThan(1);
  expect(usage.residentBytes).toBeGreaterThan(usage.heapUsedBytes);
  for (const value of Object.values(usage)) expect(value === undefined || value > 0).toBe(true);
});

test.runIf(process.platform === "linux")("counts open files, and knows the virtual memory", () => {
  const before = readProcessUsage();
  const files = Array.from({ length: 10 }, () => openSync("/dev/null", "r"));
  const after = readProcessUsage();
  for (const fd of files) closeSync(fd);
  expect(after.openFiles! - before.openFiles!).toBe(10);
  expect(after.virtualBytes).toBeGreaterThan(after.residentBytes);
});

test("time only grows", () => {
  const before = readProcessUsage();
  for (const endMs = performance.now() + 30; performance.now() < endMs;);
  const after = readProcessUsage();
  expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
  expect(after.loopActiveSeconds).toBeGreaterThanOrEqual(before.loopActiveSeconds);
});
