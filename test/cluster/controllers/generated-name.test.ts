import { expect, test } from "vitest";
import { generatedIndexedName, generatedName, templateHash } from "../../../src/cluster/controllers/generated-name.ts";

// Names are a promise: they are the same in every run, and in the next version.
test("names last", () => {
  expect(generatedName("web-", "ReplicaSet default/web", 0)).toBe("web-pwlw5");
  expect(generatedName("web-", "ReplicaSet default/web", 1)).toBe("web-cp6lq");
  expect(templateHash("Deployment default/web")).toBe("49fdd5fd89");
});

test("all pods of a workload have names of their own", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => generatedName("web-", "ReplicaSet default/web", index));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test("workloads do not share names", () => {
  const seeds = Array.from({ length: 1000 }, (_, i) => `Deployment default/web-${i}`);
  const hashes = seeds.map(templateHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes) expect(hash).toMatch(/^[bcdf456789]{10}$/);
  expect(new Set(seeds.map((seed) => generatedName("", seed, 0))).size).toBe(seeds.length);
});

test("a long name is cut so that it fits a label, the index stays", () => {
  const long = "x".repeat(80);
  expect(generatedName(`${long}-`, "s", 3)).toMatch(/^x{58}.{5}$/);
  expect(generatedIndexedName(long, "s", 12)).toMatch(/^x{54}-12-.{5}$/);
  expect(generatedIndexedName("job", "s", 12)).toMatch(/^job-12-.{5}$/);
});
