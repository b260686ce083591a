import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Query } from "../../src/answer/query.ts";
import { parseLabels, writeHeader, writeName, writeOpt, writeQuery } from "../support/wire.ts";

/** Reads the message out of the middle of other bytes. */
function read(message: Uint8Array): Query | undefined {
  const query = new Query();
  const bytes = Buffer.concat([Buffer.alloc(3, 1), message, Buffer.alloc(300, 1)]);
  return query.read(bytes, 3, 3 + message.length) ? query : undefined;
}

const nameOf = (query: Query): Buffer => Buffer.from(query.name.subarray(0, query.nameSize));

/** A plain query with one byte of it changed. */
function changed(
  at: number,
  value: number,
  query = writeQuery({ name: "a.z.", type: "A", opt: { size: 1232 } }),
): Buffer {
  query[at] = value;
  return query;
}

describe("plain questions are read", () => {
  test.each([
    ["WWW.Example.", "www.example.", 2],
    [".", ".", 0],
    ["a\\.b.\\255\\000.z.", "a\\.b.\\255\\000.z.", 3],
    [`${"A".repeat(63)}.z.`, `${"a".repeat(63)}.z.`, 2],
    [`${`${"a".repeat(63)}.`.repeat(3)}${"B".repeat(61)}.`, `${`${"a".repeat(63)}.`.repeat(3)}${"b".repeat(61)}.`, 4],
  ])("the name %s, folded", (name, folded) => {
    const query = read(writeQuery({ name, type: "AAAA", flags: 0 }))!;
    expect(nameOf(query)).toEqual(writeName(parseLabels(folded)));
    expect([query.type, query.recursionDesired, query.hasOpt]).toEqual([28, false, false]);
  });

  test.each([
    [{ size: 1232 }, 1232, false],
    [{ size: 65_535, flags: 0x8000 }, 65_535, true],
    [{ size: 0, flags: 0x7fff }, 0, false],
    [{ size: 512, options: Buffer.from([0, 100, 0, 2, 1, 2, 0, 3, 0, 0]) }, 512, false],
  ])("OPT %j", (opt, udpSize, dnssecOk) => {
    const query = read(writeQuery({ name: "a.z.", type: "A", opt }))!;
    expect([query.hasOpt, query.udpSize, query.dnssecOk, query.recursionDesired]).toEqual([
      true,
      udpSize,
      dnssecOk,
      true,
    ]);
  });

  test("flags and bits that say nothing of the question do not matter", () => {
    // TC, RD, RA, Z, AD, CD and a reply code.
    expect(read(writeQuery({ name: "a.z.", type: "A", flags: 0x03ff }))).toBeDefined();
  });

  test("what the last query said is forgotten", () => {
    const query = new Query();
    const first = writeQuery({ name: "a.b.c.z.", type: "A", opt: { size: 4096, flags: 0x8000 } });
    const second = writeQuery({ name: "z.", type: "NS", flags: 0 });
    expect([query.read(first, 0, first.length), query.read(second, 0, second.length)]).toEqual([true, true]);
    expect([query.hasOpt, query.dnssecOk, query.recursionDesired, query.nameSize]).toEqual([false, false, false, 3]);
  });
});

describe("what is not plain is left to the full parser", () => {
  const question = Buffer.concat([writeName(parseLabels("a.z.")), Buffer.from([0, 1, 0, 1])]);
  const long = (sizes: readonly number[]): Buffer =>
    Buffer.concat([...sizes.map((size) => Buffer.alloc(size + 1, size)), Buffer.from([0, 0, 1, 0, 1])]);

  test.each<[what: string, message: Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["a header alone", writeHeader(1, 0, 1, 0, 0, 0)],
    ["a reply", changed(2, 0x81)],
    ["another opcode", changed(2, 0x29)],
    ["no question", changed(5, 0)],
    ["two questions", changed(5, 2)],
    ["257 questions", changed(4, 1)],
    ["an answer", changed(7, 1)],
    ["256 answers", changed(6, 1)],
    ["an authority record", changed(9, 1)],
    ["two additional records", changed(11, 2)],
    ["257 additional records", changed(10, 1)],
    ["an additional record that is not there", changed(11, 1, writeQuery({ name: "a.z.", type: "A" }))],
    ["another class", writeQuery({ name: "a.z.", type: "A", class: 3 })],
    ["class 257", writeQuery({ name: "a.z.", type: "A", class: 257 })],
    [
      "a pointer in the name",
      Buffer.concat([writeHeader(1, 0, 1, 0, 0, 0), Buffer.from([1, 97, 0xc0, 12, 0, 1, 0, 1])]),
    ],
    [
      "a label of an unknown kind",
      Buffer.concat([writeHeader(1, 0, 1, 0, 0, 0), Buffer.from([0x41, 97, 0, 0, 1, 0, 1])]),
    ],
    ["a name of 256 bytes", Buffer.concat([writeHeader(1, 0, 1, 0, 0, 0), long([63, 63, 63, 62])])],
    ["EDNS version 1", writeQuery({ name: "a.z.", type: "A", opt: { size: 1232, version: 1 } })],
    [
      "options that run past their end",
      writeQuery({ name: "a.z.", type: "A", opt: { size: 1232, options: Buffer.from([0, 1, 0, 9]) } }),
    ],
    [
      "a piece of an option",
      writeQuery({ name: "a.z.", type: "A", opt: { size: 1232, options: Buffer.from([0, 1, 0]) } }),
    ],
    [
      "an OPT that is not at the root",
      Buffer.concat([writeHeader(1, 0, 1, 0, 0, 1), question, Buffer.from([1, 97]), writeOpt({ size: 512 })]),
    ],
    [
      "another record in OPT's place",
      Buffer.concat([writeHeader(1, 0, 1, 0, 0, 1), question, Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])]),
    ],
  ])("%s", (_, message) => {
    expect(read(message)).toBeUndefined();
  });

  test("a query cut anywhere", () => {
    const whole = writeQuery({ name: "a.z.", type: "A", opt: { size: 512, options: Buffer.from([0, 100, 0, 1, 9]) } });
    for (let size = 0; size < whole.length; size++)
      expect(read(whole.subarray(0, size)), `${size} bytes`).toBeUndefined();
    expect(read(whole)).toBeDefined();
  });
});

test("any bytes are read without a look outside them, or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 0x3ff }), (rest, flags) => {
      const message = Buffer.concat([writeHeader(7, flags & 0x87ff, 1, 0, 0, flags & 1), rest]);
      const [plain, other] = [new Query(), new Query()];
      // What lies behind the end must not matter.
      const isPlain = plain.read(Buffer.concat([message, Buffer.alloc(300, 0)]), 0, message.length);
      expect(other.read(Buffer.concat([message, Buffer.alloc(300, 1)]), 0, message.length)).toBe(isPlain);
      if (isPlain) expect(nameOf(plain)).toEqual(nameOf(other));
    }),
    { numRuns: 1000 },
  );
});
