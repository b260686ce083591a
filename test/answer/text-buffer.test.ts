import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readReverseName, TextBuffer } from "../../src/answer/text-buffer.ts";
import { reverseName } from "../../src/compile/reverse-zones.ts";
import { formatName, prependLabels } from "../../src/dns/name.ts";
import { formatIp } from "../../src/net/ip.ts";

function written(write: (text: TextBuffer) => void): string {
  const text = new TextBuffer();
  write(text);
  return Buffer.from(text.bytes.subarray(text.start, text.end)).toString("latin1");
}

const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0x10, 0xab), { minLength: 16, maxLength: 16 });
const addresses = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  sparse.map((bytes) => Uint8Array.from(bytes)),
);

describe("TextBuffer", () => {
  test("writes addresses as `formatIp` does", () => {
    fc.assert(
      fc.property(addresses, (address) => {
        expect(written((text) => text.putAddress(address, address.length))).toBe(formatIp(address));
      }),
      { numRuns: 1000 },
    );
  });

  test("writes names as `formatName` does, without the final dot and the escape of `*`", () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 5 }), (labels) => {
        const name = Uint8Array.from([...labels.flatMap((each) => [each.length, ...each]), 0]);
        const expected = formatName(name).replaceAll("\\*", "*");
        expect(written((text) => text.putName(name, 0))).toBe(expected === "." ? "." : expected.slice(0, -1));
      }),
    );
  });

  test("writes numbers, and labels without their underscore", () => {
    for (const number of [0, 9, 10, 65_535]) expect(written((text) => text.putNumber(number))).toBe(String(number));
    const label = Uint8Array.from([5, ...Buffer.from("_aB-z")]);
    expect(written((text) => text.putPort(label, 0))).toBe("aB-z");
    expect(written((text) => text.putProtocol(label, 0))).toBe("AB-Z");
  });

  test("tells when it has no room", () => {
    const text = new TextBuffer();
    for (let i = 0; i < 512; i++) text.put(0x61);
    expect(text.isWhole).toBe(true);
    text.put(0x61);
    expect(text.isWhole).toBe(false);
    text.begin();
    expect([text.isWhole, text.end]).toEqual([true, 0]);
  });

  test("writes where it is told to", () => {
    const [text, bytes] = [new TextBuffer(), new Uint8Array(8)];
    text.beginIn(bytes, 3);
    text.putNumber(42);
    expect([...bytes]).toEqual([0, 0, 0, 0x34, 0x32, 0, 0, 0]);
    expect([text.start, text.end]).toEqual([3, 5]);
  });
});

describe("readReverseName", () => {
  test("reads the address of every reverse name", () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const found = new Uint8Array(16);
        expect(readReverseName(reverseName(address), 0, found)).toBe(address.length);
        expect(found.subarray(0, address.length)).toEqual(address);
      }),
    );
  });

  test.each([
    "1.2.3.in-addr.arpa",
    "x.1.2.3.4.in-addr.arpa",
    "256.2.3.4.in-addr.arpa",
    "01.2.3.4.in-addr.arpa",
    "1.2.3.4.in-addr.example",
    "1.ip6.arpa",
    "a.b",
    `${"g.".repeat(32)}ip6.arpa`,
    `${"10.".repeat(32)}ip6.arpa`,
  ])("finds none in %s", (name) => {
    expect(readReverseName(prependLabels(name.split("."), new Uint8Array(1)), 0, new Uint8Array(16))).toBe(0);
  });
});
