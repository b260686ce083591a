import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalIp, cidrContains, formatCidr, formatIp, parseCidr, parseIp } from "../../src/net/ip.ts";
import { canonicalIpv6 } from "../support/wire.ts";

const ipBytes = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Runs of zeros are where the text form is hard.
  fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
);

/** Text near an address: pieces of addresses, joined and cut at random. */
const nearAddress = fc
  .array(
    fc.constantFrom("0", "1", "01", "10", "255", "256", "f", "FFFF", "12345", "g", ".", ".", ":", ":", "::", " ", "-"),
    {
      maxLength: 16,
    },
  )
  .map((pieces) => pieces.join(""));

describe("parseIp", () => {
  test("takes what node:net takes, zones apart", () => {
    const texts = fc.oneof(nearAddress, fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!text.includes("%"));
        const size = { 0: undefined, 4: 4, 6: 16 }[isIP(text) as 0 | 4 | 6];
        expect(parseIp(text)?.length).toBe(size);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["0.0.0.0", [0, 0, 0, 0]],
    ["10.96.0.1", [10, 96, 0, 1]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["::", Array(16).fill(0)],
    ["::1", [...Array(15).fill(0), 1]],
    ["1::", [0, 1, ...Array(14).fill(0)]],
    ["fd00:10:96::a", [0xfd, 0, 0, 0x10, 0, 0x96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]],
    ["::ffff:10.0.0.1", [...Array(10).fill(0), 255, 255, 10, 0, 0, 1]],
    ["1:2:3:4:5:6:7.8.9.10", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 7, 8, 9, 10]],
    ["ABCD:ef01:2345:6789:abcd:ef01:2345:6789", Array.from(Buffer.from("abcdef0123456789".repeat(2), "hex"))],
  ])("%s", (text, bytes) => {
    expect(Array.from(parseIp(text)!)).toEqual(bytes);
  });

  test.each([
    "",
    ".",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.04",
    "256.1.1.1",
    "1.2.3.4 ",
    "+1.2.3.4",
    "1..3.4",
    "0x1.2.3.4",
    ":",
    ":::",
    "1:::2",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "[::1]",
    ":1::2",
  ])("refuses %j", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe("formatIp", () => {
  test("is read back as the same bytes, in the form that a second formatter gives", () => {
    fc.assert(
      fc.property(ipBytes, (bytes) => {
        const text = formatIp(bytes);
        expect(parseIp(text)).toEqual(bytes);
        if (bytes.length === 16) expect(text).toBe(canonicalIpv6(text));
      }),
      { numRuns: 500 },
    );
  });

  // RFC 5952: 4.1 leading zeros, 4.2.1 as short as can be, 4.2.2 one group alone, 4.2.3 which run, 4.3 lower case.
  test.each([
    ["2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::AB", "2001:db8::ab"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"],
    ["1:0:0:1:1:1:1:0", "1::1:1:1:1:0"],
    ["1:1:1:1:1:1:0:0", "1:1:1:1:1:1::"],
    ["10.0.0.1", "10.0.0.1"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  test("text that is not an address has no canonical text", () => {
    expect(canonicalIp("10.0.0")).toBeUndefined();
  });
});

describe("parseCidr", () => {
  test.each(["0.0.0.0/0", "10.96.0.0/12", "10.244.1.0/24", "10.0.0.1/32", "::/0", "fd00:10:96::/108", "fd00::1/128"])(
    "%s",
    (text) => {
      expect(formatCidr(parseCidr(text)!)).toBe(text);
    },
  );

  test.each([
    "",
    "/",
    "10.0.0.0",
    "10.0.0.0/",
    "/8",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8.0",
    "10.0.0.0/ 8",
    "10.0.0.0/8/8",
    "10.0.0.0/1e1",
    "fd00::/129",
    "10.0.0.1/31",
    "10.97.0.0/12",
    "fd00::1/127",
    "fd00::/7",
    "10.0.0/8",
    "x/8",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test("is strict about host bits at every length", () => {
    for (const [size, last] of [
      [4, 32],
      [16, 128],
    ] as const) {
      for (let bits = 0; bits <= last; bits++) {
        for (const bit of [0, bits - 1, bits, last - 1].filter((bit) => bit >= 0 && bit < last)) {
          const bytes = new Uint8Array(size);
          bytes[bit >> 3] = 0x80 >> (bit & 7);
          expect(parseCidr(`${formatIp(bytes)}/${bits}`) !== undefined, `bit ${bit} of /${bits}`).toBe(bit < bits);
        }
      }
    }
  });
});

describe("cidrContains", () => {
  test("holds for the addresses that share the first bits, and for them alone", () => {
    const bitsOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    fc.assert(
      fc.property(ipBytes, fc.nat(128), fc.option(fc.nat(127)), (address, length, flipped) => {
        const bits = Math.min(length, address.length * 8);
        const network = Uint8Array.from(
          address,
          (byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))),
        );
        const other = address.slice();
        if (flipped !== null && flipped < other.length * 8) other[flipped >> 3]! ^= 0x80 >> (flipped & 7);
        const expected = bitsOf(other).slice(0, bits) === bitsOf(network).slice(0, bits);
        expect(cidrContains({ bytes: network, bits }, other)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("an address of the other family is in no prefix", () => {
    expect(cidrContains({ bytes: new Uint8Array(4), bits: 0 }, new Uint8Array(16))).toBe(false);
    expect(cidrContains({ bytes: new Uint8Array(16), bits: 0 }, new Uint8Array(4))).toBe(false);
  });
});
