import { expect, test } from "vitest";
import { isDnsLabel, isDnsSubdomain, isHostName, isPortName } from "../../src/objects/kube-names.ts";

const long = (length: number): string => "a".repeat(length);
const dotted = [long(63), long(63), long(63), long(61)].join(".");

test.each<[text: string, label: boolean, subdomain: boolean, host: boolean, port: boolean]>([
  ["web", true, true, true, true],
  ["0web", true, true, true, true],
  ["80", true, true, true, false],
  ["a-b", true, true, true, true],
  ["a--b", true, true, true, false],
  ["-a", false, false, false, false],
  ["a-", false, false, false, false],
  ["a.b", false, true, true, false],
  ["a..b", false, false, false, false],
  ["a.", false, false, false, false],
  ["", false, false, false, false],
  ["Web", false, false, true, false],
  ["a_b", false, false, false, false],
  ["é", false, false, false, false],
  ["\u212a", false, false, false, false],
  ["a\n", false, false, false, false],
  [long(15), true, true, true, true],
  [long(16), true, true, true, false],
  [long(63), true, true, true, false],
  [long(64), false, true, false, false],
  [dotted, false, true, true, false],
  [`${dotted}a`, false, false, false, false],
])("%j", (text, label, subdomain, host, port) => {
  expect([isDnsLabel(text), isDnsSubdomain(text), isHostName(text), isPortName(text)]).toEqual([
    label,
    subdomain,
    host,
    port,
  ]);
});

test("long text is checked quickly", () => {
  const startedMs = performance.now();
  for (const text of [`${"a-".repeat(50_000)}!`, `${"a.".repeat(50_000)}!`, "-".repeat(100_000)]) {
    expect([isDnsLabel(text), isDnsSubdomain(text), isHostName(text), isPortName(text)]).not.toContain(true);
  }
  expect(performance.now() - startedMs).toBeLessThan(100);
});
