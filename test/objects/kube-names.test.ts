import { expect, test } from "vitest";
import { expectLinear, expectMsBelow } from "../support/timing.ts";
import { isDnsLabel, isDnsSubdomain, isPortName, isServiceName } from "../../src/objects/kube-names.ts";

const long = (length: number): string => "a".repeat(length);
const dotted = [long(63), long(63), long(63), long(61)].join(".");

test.each<[text: string, label: boolean, subdomain: boolean, service: boolean, port: boolean]>([
  ["web", true, true, true, true],
  ["0web", true, true, false, true],
  ["80", true, true, false, false],
  ["a-b", true, true, true, true],
  ["a--b", true, true, true, false],
  ["-a", false, false, false, false],
  ["a-", false, false, false, false],
  ["a.b", false, true, false, false],
  ["a..b", false, false, false, false],
  ["a.", false, false, false, false],
  ["", false, false, false, false],
  ["Web", false, false, false, false],
  ["a_b", false, false, false, false],
  ["é", false, false, false, false],
  ["\u212a", false, false, false, false],
  ["a\n", false, false, false, false],
  [long(15), true, true, true, true],
  [long(16), true, true, true, false],
  [long(63), true, true, true, false],
  [long(64), false, true, false, false],
  [dotted, false, true, false, false],
  [`${dotted}a`, false, false, false, false],
])("%j", (text, label, subdomain, service, port) => {
  expect([isDnsLabel(text), isDnsSubdomain(text), isServiceName(text), isPortName(text)]).toEqual([
    label,
    subdomain,
    service,
    port,
  ]);
});

test("long text is no name, in linear time", () => {
  const check = (size: number): void => {
    for (const text of [`${"a-".repeat(size / 2)}!`, `${"a.".repeat(size / 2)}!`, "-".repeat(size)]) {
      expect([isDnsLabel(text), isDnsSubdomain(text), isServiceName(text), isPortName(text)]).not.toContain(true);
    }
  };
  check(100_000);
  expectMsBelow(expectLinear(check, 100_000), 100);
});
