import { expect, test } from "vitest";
import {
  anyText,
  from,
  isAddress,
  isEndpointAddress,
  isLabels,
  isLabelValue,
  isPortOrName,
  isQualifiedName,
  text,
} from "../../../src/objects/validation/forms.ts";

const long = (size: number): string => "a".repeat(size);

test.each<[text: string, key: boolean, value: boolean]>([
  ["app", true, true],
  ["App_1.x-Y", true, true],
  ["", false, true],
  ["-a", false, false],
  ["a-", false, false],
  ["a b", false, false],
  [long(63), true, true],
  [long(64), false, false],
  ["example.com/app", true, false],
  ["example.com/", false, false],
  ["/app", false, false],
  ["Example.com/app", false, false],
  ["a/b/c", false, false],
  ["é", false, false],
  ["a\n", false, false],
])("%j as key %j and value %j of a label", (label, key, value) => {
  expect([isQualifiedName(label), isLabelValue(label)]).toEqual([key, value]);
});

test("labels", () => {
  for (const labels of [undefined, {}, { a: "b" }, { a: "" }, { a: null }]) expect(isLabels(labels)).toBe(true);
  for (const labels of [{ "": "b" }, { a: "b c" }]) expect(isLabels(labels)).toBe(false);
});

test.each<[address: string, isIp: boolean, isOfHost: boolean]>([
  ["192.0.2.1", true, true],
  ["192.0.02.001", true, true],
  ["127.0.0.1", true, false],
  ["127.9.9.9", true, false],
  ["0.0.0.0", true, false],
  ["169.254.0.1", true, false],
  ["169.255.0.1", true, true],
  ["224.0.0.5", true, false],
  ["224.0.1.5", true, true],
  ["255.255.255.255", true, true],
  ["::", true, false],
  ["::1", true, false],
  ["::2", true, true],
  ["fe80::1", true, false],
  ["febf::1", true, false],
  ["fec0::1", true, true],
  ["ff02::1", true, false],
  ["ff05::1", true, true],
  ["::ffff:127.0.0.1", true, false],
  ["::ffff:192.0.2.1", true, true],
  ["192.0.2", false, true],
  ["192.0.2.256", false, true],
  ["host", false, true],
])("%s: an address %j, one of a host %j", (address, isIp, isOfHost) => {
  expect([isAddress(address), isEndpointAddress(address)]).toEqual([isIp, isOfHost]);
});

test("conditions hold for absent values, and for empty texts unless these count", () => {
  const never = (): boolean => false;
  for (const value of [undefined, "", 1]) expect(text(never)(value)).toBe(true);
  expect([anyText(never)(undefined), anyText(never)("")]).toEqual([true, false]);
  expect([undefined, 0, 1, 9, 10].map((value) => from(1, 9)(value))).toEqual([true, false, true, true, false]);
  expect([undefined, 0, 80, 65_536, "http", "HTTP", ""].map((value) => isPortOrName(value))).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
    false,
  ]);
});
