import { parseType } from "../support/wire.ts";
import { TYPE } from "../../src/dns/constants.ts";
import { describe, expect, test } from "vitest";
import { parseName } from "../../src/dns/name.ts";
import { expandRdata, readTarget, srvRdata, txtRdata } from "../../src/dns/rdata.ts";
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
  expect(readTarget(TYPE.SRV, rdata)).toEqual(target);
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

// The name `a.` at 12, and RDATA from 15.
const A = [1, 0x61, 0];
const POINTER = [0xc0, 12];
const bytes = (count: number): number[] => Array<number>(count).fill(9);
const expand = (
  type: string | number,
  rdata: readonly number[],
  after: readonly number[] = [],
): number[] | undefined => {
  const message = Uint8Array.from([...bytes(12), ...A, ...rdata, ...after]);
  const code = typeof type === "number" ? type : parseType(type);
  const expanded = expandRdata(message, code, 15, 15 + rdata.length);
  return expanded && [...expanded];
};

describe("names in RDATA are written out", () => {
  test.each<[string | number, number[], number[]]>([
    ["NS", POINTER, A],
    ["CNAME", [1, 0x62, ...POINTER], [1, 0x62, ...A]],
    ["PTR", POINTER, A],
    [39, POINTER, A],
    ["SOA", [...POINTER, ...POINTER, ...bytes(20)], [...A, ...A, ...bytes(20)]],
    ["MX", [0, 10, ...POINTER], [0, 10, ...A]],
    [17, [...POINTER, ...POINTER], [...A, ...A]],
    ["SRV", [...bytes(6), ...POINTER], [...bytes(6), ...A]],
    ["NAPTR", [...bytes(4), 1, 0x55, 0, 2, 1, 1, ...POINTER], [...bytes(4), 1, 0x55, 0, 2, 1, 1, ...A]],
    [24, [...bytes(18), ...POINTER, 1, 2], [...bytes(18), ...A, 1, 2]],
  ])("%s", (type, rdata, expanded) => {
    expect(expand(type, rdata)).toEqual(expanded);
    expect(expand(type, expanded)).toEqual(expanded);
  });

  test.each<[string | number, number[]]>([
    ["A", [0xc0, 12, 0xc0, 12]],
    ["AAAA", bytes(16)],
    ["TXT", [2, 0xc0, 12]],
    ["HTTPS", [0, 1, ...POINTER]],
    ["TYPE65280", [0xc0]],
    ["TYPE65280", []],
    ["RRSIG", [...bytes(18), 0, ...POINTER]],
  ])("F30 %s goes on byte by byte", (type, rdata) => {
    expect(expand(type, rdata)).toEqual(rdata);
  });

  test.each<[string, string, number[]]>([
    ["nothing", "NS", []],
    ["an address of three bytes", "A", bytes(3)],
    ["an address of five bytes", "A", bytes(5)],
    ["an IPv4 address", "AAAA", bytes(4)],
    ["a name, then more", "NS", [...A, 0]],
    ["a pointer to itself", "NS", [0xc0, 15]],
    ["a SOA without its last byte", "SOA", [...POINTER, ...POINTER, ...bytes(19)]],
    ["an MX of one byte", "MX", [0]],
    ["a NAPTR whose string is too long", "NAPTR", [...bytes(4), 200, ...POINTER]],
  ])("%s is none", (_, type, rdata) => {
    expect(expand(type, rdata)).toBeUndefined();
  });

  test("what follows is not taken in", () => {
    expect(expand("NS", [1, 0x62], [0, 0, 0])).toBeUndefined();
    expect(expand("NAPTR", [...bytes(4), 9], bytes(40))).toBeUndefined();
  });
});
