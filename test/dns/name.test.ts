import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName, lowerByte, lowerName, parseName, prependLabels } from "../../src/dns/name.ts";
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
