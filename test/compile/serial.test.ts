import fc from "fast-check";
import { expect, test } from "vitest";
import { nextSerial } from "../../src/compile/serial.ts";

const MAX = 0xffff_ffff;
/** RFC 1982 3.2, written out. */
function isGreater(a: number, b: number): boolean {
  return (a > b && a - b < 2 ** 31) || (a < b && b - a > 2 ** 31);
}

test.each<[what: string, previous: number | undefined, nowMs: number, serial: number]>([
  ["the first one is the clock's", undefined, 12_345, 1234],
  ["the clock moved on", 1233, 12_345, 1234],
  ["the clock stands", 1234, 12_345, 1235],
  ["the clock was set back", 5000, 12_345, 5001],
  ["past the end", MAX, 0, 0],
  ["past the end, with the clock", MAX, 70, 7],
  ["past the end, with the clock at it", MAX, MAX * 10 + 9, 0],
  ["the clock wraps too", undefined, (MAX + 1) * 10 + 50, 5],
  ["half way round is no way forward", 0, 0x8000_0000 * 10, 1],
  ["one less than that is", 0, 0x7fff_ffff * 10, 0x7fff_ffff],
])("%s", (_, previous, nowMs, serial) => {
  expect(nextSerial(previous, nowMs)).toBe(serial);
});

test("goes up, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.nat(MAX), fc.nat(2 ** 45), (previous, nowMs) => {
      const serial = nextSerial(previous, nowMs);
      expect(Number.isInteger(serial) && serial >= 0 && serial <= MAX).toBe(true);
      expect(isGreater(serial, previous)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("goes up over a restart, publications every 10 ms before it", () => {
  let serial: number | undefined;
  const start = Date.parse("2026-03-01T00:00:00Z");
  for (let i = 0; i < 100; i++) serial = nextSerial(serial, start + i * 10);
  expect(isGreater(nextSerial(undefined, start + 1000), serial!)).toBe(true);
});
