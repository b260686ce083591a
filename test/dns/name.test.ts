import { name } from "../support/scripted-upstream.ts";
import { wire } from "../support/core/table.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compressedNameEnd,
  equalNames,
  formatName,
  isAtOrBelow,
  keyAbove,
  keysUpward,
  lowerByte,
  lowerName,
  nameEnd,
  nameKey,
  parseName,
  prependLabels,
  readName,
} from "../../src/dns/name.ts";
import { formatName as formatLabels, parseLabels, writeName } from "../support/wire.ts";

const label = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 63 }),
  fc
    .array(fc.constantFrom(...Buffer.from('aZ0-_.\\*@ "\0\xff', "latin1")), { minLength: 1, maxLength: 8 })
    .map((list) => Uint8Array.from(list)),
);
const wireNames = fc
  .array(label, { maxLength: 12 })
  .map((list) => writeName(list.map((bytes) => Buffer.from(bytes))))
  .filter((wire) => wire.length <= 255);

describe("names as text and as bytes", () => {
  test("formatName and parseName undo each other, for any bytes", () => {
    fc.assert(
      fc.property(wireNames, (wire) => {
        expect(parseName(formatName(wire))).toEqual(Uint8Array.from(wire));
      }),
      {
        numRuns: 500,
      },
    );
  });

  test("a second reader takes formatName's text for the same labels", () => {
    fc.assert(
      fc.property(wireNames, (wire) => {
        expect(writeName(parseLabels(formatName(wire)))).toEqual(wire);
      }),
      {
        numRuns: 500,
      },
    );
  });

  test("parseName takes a second writer's text, with and without the final dot", () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (list) => {
        const labels = list.map((bytes) => Buffer.from(bytes));
        const text = formatLabels(labels);
        expect(parseName(text)).toEqual(Uint8Array.from(writeName(labels)));
        expect(parseName(text.slice(0, -1))).toEqual(Uint8Array.from(writeName(labels)));
      }),
    );
  });

  test("any text is a name within the limits, or none", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc
        .array(fc.constantFrom("a", "aaaaaaaaaaaaaaaa", ".", "\\", "\\.", "\\200", "\\256", "é"), { maxLength: 40 })
        .map((list) => list.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const wire = parseName(text);
        if (wire === undefined) return;
        expect(wire.length).toBeLessThanOrEqual(255);
        let at = 0;
        for (; wire[at] !== 0; at += 1 + wire[at]!) expect(wire[at]).toBeLessThanOrEqual(63);
        expect(at).toBe(wire.length - 1);
        expect(parseName(formatName(wire))).toEqual(wire);
      }),
      { numRuns: 1000 },
    );
  });

  const a63 = "a".repeat(63);
  test.each([
    [".", "00"],
    ["a", "016100"],
    ["a.", "016100"],
    ["WWW.example.", `03575757${"07"}6578616d706c6500`],
    ["a\\.b.c", "03612e62016300"],
    ["a\\\\b", "03615c6200"],
    ["\\000\\255\\032", "0300ff2000"],
    ["\\a", "016100"],
    ["é", "02c3a900"],
    ["*.z", "012a017a00"],
    [a63, `3f${"61".repeat(63)}00`],
  ])("%j is read", (text, hex) => {
    expect(Buffer.from(parseName(text)!).toString("hex")).toBe(hex);
  });

  test.each([
    "",
    "..",
    ".a",
    "a..b",
    "a..",
    "\\",
    "a\\",
    "\\1",
    "\\12",
    "\\12a",
    "\\256",
    "\\999",
    `${a63}a`,
    `${a63}a.b`,
    "é".repeat(32),
    `${`${a63}.`.repeat(3)}${"a".repeat(62)}`,
  ])("%j is none", (text) => {
    expect(parseName(text)).toBeUndefined();
  });

  test("255 bytes are the most", () => {
    expect(parseName(`${`${a63}.`.repeat(3)}${"a".repeat(61)}`)?.length).toBe(255);
  });

  test("formatName reads the name at an offset", () => {
    expect(formatName(Uint8Array.from([9, 9, 1, 97, 0, 7]), 2)).toBe("a.");
    expect(formatName(Uint8Array.from([9, 0, 7]), 1)).toBe(".");
  });
});

describe("letter case", () => {
  test("only A to Z fold", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isUpper = byte >= 65 && byte <= 90;
      expect(lowerByte(byte)).toBe(isUpper ? byte + 32 : byte);
    }
  });

  test("lowerName folds labels, not their lengths, and leaves its argument alone", () => {
    const text = `${"A".repeat(63)}.Z\\193.`;
    const name = parseName(text)!;
    expect(lowerName(name)).toEqual(parseName(`${"a".repeat(63)}.z\\193.`));
    expect(name).toEqual(parseName(text));
  });
});

test("prependLabels puts labels in front, lower-cased", () => {
  const suffix = parseName("z.")!;
  expect(prependLabels(["_HTTP", "_tcp"], suffix)).toEqual(parseName("_http._tcp.z."));
  expect(prependLabels([], suffix)).toEqual(suffix);
  expect(prependLabels(["a"], parseName(".")!)).toEqual(parseName("a."));
});

const message = (...bytes: number[]): Uint8Array => Uint8Array.from([...Array<number>(12).fill(0), ...bytes]);

describe("names in messages", () => {
  test.each<[string, Uint8Array, number, number[] | undefined, number | undefined]>([
    ["the root", message(0), 12, [0], 13],
    ["labels", message(1, 0x61, 2, 0x42, 0x63, 0), 12, [1, 0x61, 2, 0x42, 0x63, 0], 18],
    ["a pointer", message(1, 0x61, 0, 0xc0, 12), 15, [1, 0x61, 0], 17],
    ["a label, then a pointer", message(1, 0x61, 0, 1, 0x62, 0xc0, 12), 15, [1, 0x62, 1, 0x61, 0], 19],
    ["a pointer to itself", message(0xc0, 12), 12, undefined, 14],
    ["a pointer forward", message(0xc0, 14, 0), 12, undefined, 14],
    ["two pointers in a circle", message(0xc0, 14, 0xc0, 12), 14, undefined, 16],
    ["a pointer into its own labels", message(1, 0x61, 0xc0, 12), 12, undefined, 16],
    ["a pointer into the header", message(0xc0, 2), 12, undefined, 14],
    ["half a pointer", message(0xc0), 12, undefined, undefined],
    ["a label type that is none", message(0x40, 0), 12, undefined, undefined],
    ["a label past the end", message(5, 0x61), 12, undefined, undefined],
    ["no end", message(1, 0x61), 12, undefined, undefined],
    ["nothing", message(), 12, undefined, undefined],
  ])("%s", (_, bytes, at, wire, end) => {
    expect(readName(bytes, at)).toEqual(wire && Uint8Array.from(wire));
    expect(compressedNameEnd(bytes, at)).toBe(end);
  });

  test("a pointer for each of 127 labels is a name; a longer chain of pointers is none", () => {
    const pointer = (to: number): number[] => [0xc0 | (to >> 8), to & 0xff];
    const labels = Array.from({ length: 127 }, (_, i) => [1, 0x61, ...pointer(i === 0 ? 12 : 13 + 4 * (i - 1))]);
    expect(readName(message(0, ...labels.flat()), 13 + 4 * 126)).toHaveLength(255);
    const chain = Array.from({ length: 128 }, (_, i) => pointer(i === 0 ? 12 : 13 + 2 * (i - 1)));
    expect(readName(message(0, ...chain.flat()), 13 + 2 * 126)).toEqual(Uint8Array.of(0));
    expect(readName(message(0, ...chain.flat()), 13 + 2 * 127)).toBeUndefined();
  });

  test("255 bytes are a name, 256 are none", () => {
    const label = [63, ...Array<number>(63).fill(0x61)];
    const long = (last: number): Uint8Array =>
      message(...label, ...label, ...label, last, ...Array<number>(last).fill(0x61), 0);
    expect(readName(long(61), 12)?.length).toBe(255);
    expect(readName(long(62), 12)).toBeUndefined();
    expect(compressedNameEnd(long(61), 12)).toBe(12 + 255);
    expect(compressedNameEnd(long(62), 12)).toBeUndefined();
  });

  test.each([
    ["www.up.test.", "up.test.", true],
    ["WWW.uP.test.", "Up.TEST.", true],
    ["up.test.", "up.test.", true],
    ["xup.test.", "up.test.", false],
    ["test.", "up.test.", false],
    ["www.up.test.", ".", true],
    // The same bytes, but not at the border of a label.
    ["a\\002up.test.", "up.test.", false],
  ])("%s at or below %s: %s", (inner, zone, within) => {
    expect(isAtOrBelow(name(inner), name(zone))).toBe(within);
    expect(equalNames(name(inner), name(zone))).toBe(within && inner.length === zone.length);
  });
});

test.each<[what: string, bytes: readonly number[], plain: number | undefined, any: number | undefined]>([
  ["the root", [0], 1, 1],
  ["a name", [1, 97, 2, 98, 99, 0, 7], 6, 6],
  ["a pointer", [0xc0, 12], undefined, 2],
  ["a name that ends in a pointer", [1, 97, 0xc0, 12, 9], undefined, 4],
  ["half a pointer", [1, 97, 0xc0], undefined, undefined],
  ["a label cut", [5, 97], undefined, undefined],
  ["no end", [1, 97], undefined, undefined],
  ["label type 01", [0x40, ...Array<number>(70).fill(1)], undefined, undefined],
  ["label type 10", [0x80, 0, 0], undefined, undefined],
  ["255 bytes", [...Array(127).fill([1, 97]).flat(), 0], 255, 255],
  ["257 bytes", [...Array(128).fill([1, 97]).flat(), 0], undefined, undefined],
  ["nothing", [], undefined, undefined],
])("where %s ends", (_, bytes, plain, any) => {
  const message = Uint8Array.from([0xff, ...bytes]);
  const shift = (end: number | undefined): number | undefined => (end === undefined ? undefined : end + 1);
  expect(nameEnd(message, 1)).toBe(shift(plain));
  expect(compressedNameEnd(message, 1)).toBe(shift(any));
});

const key = (name: string): string => nameKey(wire(name));

test.each([
  ["a.b.z.", ["a.b.z.", "b.z.", "z.", "."]],
  ["z.", ["z.", "."]],
  [".", ["."]],
  ["a\\.b.z.", ["a\\.b.z.", "z.", "."]],
  ["\\255\\000.z.", ["\\255\\000.z.", "z.", "."]],
])("%s and the names above it", (name, upward) => {
  expect(keysUpward(key(name))).toEqual(upward.map(key));
  expect(keyAbove(key(name))).toBe(upward[1] === undefined ? undefined : key(upward[1]));
});

test.each([
  ["a.b.z.", "b.z.", true],
  ["b.z.", "b.z.", true],
  ["a.b.z.", ".", true],
  [".", ".", true],
  ["z.", "b.z.", false],
  ["ab.z.", "b.z.", false],
  ["c.z.", "b.z.", false],
  // The bytes of the other name end this one, but no label begins there.
  ["x\\001z.", "z.", false],
])("%s is at or below %s: %s", (name, above, is) => {
  expect(isAtOrBelow(wire(name), wire(above))).toBe(is);
});

test("a name is at or below those above it, and no others", () => {
  const names = fc.array(fc.constantFrom("a", "b", "\\001a"), { maxLength: 4 }).map((labels) => `${labels.join(".")}.`);
  fc.assert(
    fc.property(names, names, (name, other) => {
      expect(isAtOrBelow(wire(name), wire(other))).toBe(keysUpward(key(name)).includes(key(other)));
    }),
  );
});
