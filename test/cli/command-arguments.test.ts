// Arguments of commands that take options of `serve`: all faults are told, and options come with the process's memory.
import { expect, test } from "vitest";
import { readArguments } from "../../src/cli/command-arguments.ts";

const OWN = { "--format": "value" } as const;

test("the command's own flags, its options and its operands", () => {
  const args = ["shop", "--format", "json", "--ttl", "7", "-"];
  const { values, operands, faults, options } = readArguments(args, { CLUSTER_DNS_PODS: "verified" }, OWN, [
    "ttl",
    "pods",
  ]);
  expect(values.get("--format")).toEqual(["json"]);
  expect(operands).toEqual(["shop", "-"]);
  expect(faults).toEqual([]);
  expect(options).toMatchObject({ ttlSeconds: 7, pods: "verified" });
  expect(options!.memoryBytes).toBeGreaterThan(0);
});

test("faults of flags come before those of options", () => {
  const { faults, options } = readArguments(["--ttl", "x", "--nope"], {}, OWN, ["ttl"]);
  expect(faults).toHaveLength(2);
  expect(faults[0]).toMatch(/^unknown flag --nope/);
  expect(faults[1]).toMatch(/^--ttl: "x" /);
  expect(options).toBeUndefined();
});

test("options that the command does not take are unknown flags", () => {
  expect(readArguments(["--ttl", "7"], {}, OWN, ["pods"]).faults[0]).toMatch(/^unknown flag --ttl/);
});
