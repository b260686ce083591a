import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressList } from "../../src/net/address-list.ts";
import { cidrContains, formatCidr, parseCidr, parseIp } from "../../src/net/ip.ts";
import type { Cidr } from "../../src/net/ip.ts";

const list = new AddressList(
  ["10.96.0.0/12", "127.0.0.1/32", "fd00::/7", "::1/128"].flatMap((text) => parseCidr(text) ?? []),
);

test.each([
  ["10.96.0.0", true],
  ["10.111.255.255", true],
  ["10.112.0.0", false],
  ["10.95.255.255", false],
  ["127.0.0.1", true],
  ["127.0.0.2", false],
  ["::1", true],
  ["::2", false],
  ["0.0.0.1", false],
])("%s", (text, isIn) => {
  const address = parseIp(text)!;
  expect(list.has(address, address.length)).toBe(isIn);
});

test("an empty list has no address, 0/0 all of its family, and none an unknown one", () => {
  const any = new AddressList([parseCidr("0.0.0.0/0")!]);
  const address = new Uint8Array(16);
  expect([any.has(address, 4), any.has(address, 16), any.has(address, 0)]).toEqual([true, false, false]);
  expect(new AddressList([]).has(address, 4)).toBe(false);
});

test("as prefixes one by one", () => {
  const bytes = (size: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: size, maxLength: size }).map((each) => each.map((byte) => byte & 0x81));
  const either = fc.oneof(bytes(4), bytes(16));
  const prefix: fc.Arbitrary<Cidr> = fc.tuple(either, fc.nat(128)).map(([address, bits]) => {
    const length = Math.min(bits, address.length * 8);
    const network = address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - i * 8))) & 0xff);
    return { bytes: network, bits: length };
  });
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 6 }), either, (prefixes, address) => {
      for (const each of prefixes) expect(parseCidr(formatCidr(each))).toEqual(each);
      const expected = prefixes.some((each) => cidrContains(each, address));
      expect(new AddressList(prefixes).has(address, address.length)).toBe(expected);
    }),
  );
});
