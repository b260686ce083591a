import { expect, test } from "vitest";
import { flagReader, formatFlag, readFormat } from "../../src/cli/flag-reader.ts";
import { parseSwitch } from "../../src/config/option-values.ts";

test("the last text counts, and else the initial one", () => {
  const faults: string[] = [];
  const read = flagReader(new Map([["--a", ["false", "true"]]]), faults);
  expect([read("--a", "false", parseSwitch), read("--b", "false", parseSwitch)]).toEqual([true, false]);
  expect(faults).toEqual([]);
});

test("a fault is added to those before it", () => {
  const faults = ["unknown flag --c"];
  expect(flagReader(new Map([["--a", ["x\n"]]]), faults)("--a", "false", parseSwitch)).toBeUndefined();
  expect(faults).toEqual(["unknown flag --c", String.raw`--a: "x\n" is not true or false`]);
});

test("the first format is the default", () => {
  const formats = ["zone", "json"] as const;
  expect(formatFlag(formats)).toEqual({
    flag: "--format FORMAT",
    help: "Output format: zone, json (default zone)",
    choices: formats,
  });
  expect(readFormat(flagReader(new Map(), []), formats)).toBe("zone");
  expect(readFormat(flagReader(new Map([["--format", ["json"]]]), []), formats)).toBe("json");
  const faults: string[] = [];
  expect(readFormat(flagReader(new Map([["--format", ["xml"]]]), faults), formats)).toBeUndefined();
  expect(faults).toEqual(['--format: "xml" is not one of zone, json']);
});
