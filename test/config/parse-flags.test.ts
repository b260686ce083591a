import { describe, expect, test } from "vitest";
import { parseFlags } from "../../src/config/parse-flags.ts";

const FORMS = { "--ttl": "value", "--listen": "value", "--fast": "switch" } as const;

describe("parseFlags", () => {
  test.each<[string[], Record<string, string[]>, string[]]>([
    [[], {}, []],
    [["a", "--ttl", "5", "b"], { "--ttl": ["5"] }, ["a", "b"]],
    [["--ttl=5", "--ttl=6"], { "--ttl": ["5", "6"] }, []],
    [["--ttl="], { "--ttl": [""] }, []],
    [["--listen=a=b"], { "--listen": ["a=b"] }, []],
    [["--fast", "a"], { "--fast": ["true"] }, ["a"]],
    [["--fast=false"], { "--fast": ["false"] }, []],
    [["-"], {}, ["-"]],
    [["--ttl", "-"], { "--ttl": ["-"] }, []],
    [["--ttl", "-1"], { "--ttl": ["-1"] }, []],
    [["--", "--ttl", "-x"], {}, ["--ttl", "-x"]],
  ])("%j", (args, values, operands) => {
    const parsed = parseFlags(args, FORMS);
    expect(Object.fromEntries(parsed.values)).toEqual(values);
    expect(parsed.operands).toEqual(operands);
    expect(parsed.errors).toEqual([]);
  });

  test.each<[string[], string[]]>([
    [["--lisen", "x"], ["unknown flag --lisen; did you mean --listen?"]],
    [["--lisen=x"], ["unknown flag --lisen; did you mean --listen?"]],
    [["-ttl", "5"], ["unknown flag -ttl; did you mean --ttl?"]],
    [["--hepl"], ["unknown flag --hepl; did you mean --help?"]],
    [["--toString"], ["unknown flag --toString"]],
    [["--__proto__=1"], ["unknown flag --__proto__"]],
    [["--ttl"], ["--ttl needs a value"]],
    [["--ttl", "--fast"], ["--ttl needs a value"]],
    [["--ttl", "--"], ["--ttl needs a value"]],
    [
      ["--bogus-1", "--bogus-2"],
      ["unknown flag --bogus-1", "unknown flag --bogus-2"],
    ],
  ])("%j is refused: %j", (args, errors) => {
    expect(parseFlags(args, FORMS).errors).toEqual(errors);
  });
});
