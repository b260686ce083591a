import { describe, expect, test } from "vitest";
import { parseConfigFile } from "../../src/config/config-file.ts";

function texts(text: string): Record<string, readonly string[]> {
  const { given, errors } = parseConfigFile(text, "c.yaml");
  expect(errors).toEqual([]);
  return Object.fromEntries([...given].map(([name, each]) => [name, each.texts]));
}

describe("parseConfigFile", () => {
  test.each<[string, Record<string, string[]>]>([
    ["", {}],
    ["# nothing\n---\n", {}],
    ["ttl: 30\n", { ttl: ["30"] }],
    ["ttl: '30'\n", { ttl: ["30"] }],
    ["ttl: 0x1e\n", { ttl: ["0x1e"] }],
    ["endpoint-pod-names: true\n", { endpointPodNames: ["true"] }],
    ["listen: 127.0.0.1:5300\n", { listen: ["127.0.0.1:5300"] }],
    ['listen: ["127.0.0.1:53", "[::1]:53"]\n', { listen: ["127.0.0.1:53", "[::1]:53"] }],
    ["service-cidr:\n  - 10.96.0.0/12\n  - fd00::/108\n", { serviceCidr: ["10.96.0.0/12", "fd00::/108"] }],
    ['{"pods": "verified"}', { pods: ["verified"] }],
  ])("%j", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  test.each([
    ["ttl: 30\nednsSize: 512\n", 'c.yaml:2:1: unknown option "ednsSize"; did you mean edns-size?'],
    ["config: other.yaml\n", 'c.yaml:1:1: unknown option "config"'],
    ["? [a]\n: 1\n", 'c.yaml:1:3: unknown option ""'],
    ["- ttl\n", "c.yaml:1:1: expected one option a line"],
    ["just text\n", "c.yaml:1:1: expected one option a line"],
    ["ttl:\n", "c.yaml:1:1: ttl needs one value"],
    ["ttl: [1, 2]\n", "c.yaml:1:1: ttl needs one value"],
    ["listen: []\n", "c.yaml:1:1: listen needs a value or a list of values"],
    ["listen: [[a]]\n", "c.yaml:1:1: listen needs a value or a list of values"],
    ["listen: {a: b}\n", "c.yaml:1:1: listen needs a value or a list of values"],
    ["\nttl: 1\nttl: 2\n", "c.yaml:3:1: "],
    ["ttl: 'open\n", "c.yaml:2:1: "],
    ["listen: [::]:53\n", "c.yaml:1:"],
  ])("%j is refused: %s", (text, error) => {
    const { errors } = parseConfigFile(text, "c.yaml");
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]).toContain(error);
  });

  test("a known option beside an unknown one still counts, so that its value is checked too", () => {
    const { given, errors } = parseConfigFile("tll: 3\npods: off\n", "c.yaml");
    expect(errors).toEqual(['c.yaml:1:1: unknown option "tll"; did you mean ttl?']);
    expect(given.get("pods")).toEqual({ where: "c.yaml:2:1: pods", texts: ["off"] });
  });
});
