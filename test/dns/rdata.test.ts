import { expect, test } from "vitest";
import { parseName } from "../../src/dns/name.ts";
import { SRV_TARGET_OFFSET, srvRdata, txtRdata } from "../../src/dns/rdata.ts";
import { AssertionError } from "../../src/std/assert.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test.each([
  [0, 100, 80, "0000" + "0064" + "0050"],
  [1, 2, 3, "0001" + "0002" + "0003"],
  [65_535, 256, 65_535, "ffff" + "0100" + "ffff"],
])("SRV %i %i %i", (priority, weight, port, numbers) => {
  const target = parseName("a.z.")!;
  const rdata = srvRdata(priority, weight, port, target);
  expect(hex(rdata)).toBe(numbers + hex(target));
  expect(rdata.subarray(SRV_TARGET_OFFSET)).toEqual(target);
});

test.each([
  ["1.1.0", "05312e312e30"],
  ["", "00"],
  ["a".repeat(255), `ff${"61".repeat(255)}`],
])("TXT %j", (text, bytes) => {
  expect(hex(txtRdata(text))).toBe(bytes);
});

test("TXT of more than one character string is a fault of ours", () => {
  expect(() => txtRdata("a".repeat(256))).toThrow(AssertionError);
});
