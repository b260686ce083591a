import { expect, test } from "vitest";
import { ASKED, RequestOptions } from "../../src/answer/request-options.ts";

const COOKIE = "000a0008" + "01".repeat(8);

test.each([
  ["", 0],
  ["00030000", ASKED.NSID],
  ["00030002aabb", ASKED.NSID],
  [COOKIE, ASKED.COOKIE],
  ["000b0000", ASKED.KEEPALIVE],
  ["000c0003000000", ASKED.PADDING],
  ["000800040001ffff" + "00640000" + "00090000", 0],
  [`00030000${COOKIE}000b0000000c0000${COOKIE}00030000`, 15],
])("%s asks for %i", (hex, asked) => {
  const options = new RequestOptions();
  const bytes = Buffer.from(`ffff${hex}ffff`, "hex");
  expect(options.read(bytes, 2, bytes.length - 2)).toBe(true);
  expect(options.asked).toBe(asked);
  expect(options.asksCookie).toBe((asked & ASKED.COOKIE) !== 0);
});

test.each(["00", "000300", "00030001", "000a0009" + "01".repeat(8)])("malformed: %s", (hex) => {
  const bytes = Buffer.from(`${hex}ffffffffffffffffffff`, "hex");
  expect(new RequestOptions().read(bytes, 0, hex.length / 2)).toBe(false);
});

test("cookies of 8 bytes or of 16 to 40, and the first one counts", () => {
  const good = Array.from({ length: 42 }, (_, size) => size).filter((size) => {
    const bytes = Buffer.concat([Buffer.from([0, 10, 0, size]), Buffer.alloc(size, 1)]);
    return new RequestOptions().read(bytes, 0, bytes.length);
  });
  expect(good).toEqual([8, ...Array.from({ length: 25 }, (_, i) => 16 + i)]);

  const options = new RequestOptions();
  const two = Buffer.from(`${COOKIE}000a0010${"02".repeat(16)}`, "hex");
  options.read(two, 0, two.length);
  expect([options.cookieAt, options.cookieSize]).toEqual([4, 8]);
});

test("a keepalive with a value is malformed on connections alone", () => {
  const options = new RequestOptions();
  const read = (hex: string): boolean => options.read(Buffer.from(hex, "hex"), 0, hex.length / 2);
  const malformed = (): boolean[] =>
    (["udp", "tcp", "tls", "https"] as const).map((over) => options.isMalformedOver(over));
  expect(read("000b00020064")).toBe(true);
  expect(malformed()).toEqual([false, true, true, false]);
  expect(read("000b0000")).toBe(true);
  expect(malformed()).toEqual([false, false, false, false]);
  expect(read("00030000")).toBe(true);
  expect(malformed()).toEqual([false, false, false, false]);
});

test("what was read before is forgotten", () => {
  const options = new RequestOptions();
  options.read(Buffer.from(COOKIE, "hex"), 0, 12);
  options.read(Buffer.alloc(0), 0, 0);
  expect(options.asked).toBe(0);
});
