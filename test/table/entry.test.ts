import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryWords, evenWords, readEntry, sameEntries, writeEntry } from "../../src/table/entry.ts";
import type { EntryContent } from "../../src/table/entry.ts";
import { ENTRY, RECORDS_PER_SET_MAX, ZONE_KIND } from "../../src/table/layout.ts";
import { AssertionError } from "../../src/std/assert.ts";

const byte = fc.nat(255);
const bytes = fc.uint8Array({ maxLength: 50 });
const contents: fc.Arbitrary<EntryContent> = fc.record({
  flags: byte,
  apexSize: byte,
  zone: fc.nat(1023),
  kind: fc.constantFrom(...Object.values(ZONE_KIND)),
  node: fc.integer({ min: 1, max: 255 }),
  sets: fc.array(
    fc.record({
      type: fc.nat(0xffff),
      stride: fc.constantFrom(0, 16, 28),
      answerCount: fc.nat(RECORDS_PER_SET_MAX),
      answers: bytes,
      additionalCount: fc.nat(RECORDS_PER_SET_MAX),
      additional: bytes,
    }),
    { maxLength: 4 },
  ),
});
const names = fc.uint8Array({ minLength: 1, maxLength: 255 });

/** Memory full of ones, so that a word that is not written is seen. */
function newMemory(): { words: Int32Array; bytes: Uint8Array } {
  const buffer = new SharedArrayBuffer(1 << 13);
  const memory = { words: new Int32Array(buffer), bytes: new Uint8Array(buffer) };
  memory.bytes.fill(0xff);
  return memory;
}

function write(memory: ReturnType<typeof newMemory>, at: number, name: Uint8Array, content: EntryContent): number {
  const size = entryWords(name, content);
  writeEntry(memory.words, memory.bytes, at, { size, hash: 77, name, content });
  return size;
}

describe("an entry in memory", () => {
  test("is read back as it was written, and takes the words that it said", () => {
    fc.assert(
      fc.property(names, contents, (name, content) => {
        const memory = newMemory();
        const size = write(memory, 100, name, content);
        expect(size % 2).toBe(0);
        expect(readEntry(memory.words, memory.bytes, 100)).toEqual({ name, content });
        expect([memory.words[100 + ENTRY.HASH], memory.words[100 + ENTRY.CHILDREN]]).toEqual([77, 0]);
        const outside = [...memory.words.subarray(0, 100), ...memory.words.subarray(100 + size)];
        expect(outside.every((word) => word === -1)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("is the same as another where name and content are, however many names are below", () => {
    fc.assert(
      fc.property(names, contents, names, contents, (name, content, otherName, other) => {
        const memory = newMemory();
        write(memory, 0, name, content);
        write(memory, 500, name, content);
        memory.words[500 + ENTRY.CHILDREN] = 3;
        write(memory, 1000, otherName, other);
        expect(sameEntries(memory.words, 0, 500)).toBe(true);
        const isSame = readEntry(memory.words, memory.bytes, 1000);
        const equal = JSON.stringify([otherName, other]) === JSON.stringify([name, content]);
        expect(sameEntries(memory.words, 0, 1000), JSON.stringify(isSame)).toBe(equal);
      }),
      { numRuns: 100 },
    );
  });

  test("differs by one byte of its records", () => {
    const memory = newMemory();
    const set = (last: number): EntryContent["sets"][number] => ({
      type: 1,
      stride: 0,
      answerCount: 1,
      answers: Uint8Array.from([1, 2, last]),
      additionalCount: 0,
      additional: new Uint8Array(0),
    });
    const content = (last: number): EntryContent => ({
      flags: 0,
      apexSize: 1,
      zone: 0,
      kind: 0,
      sets: [set(last)],
    });
    const name = Uint8Array.from([1, 97, 0]);
    write(memory, 0, name, content(3));
    write(memory, 100, name, content(4));
    expect(sameEntries(memory.words, 0, 100)).toBe(false);
  });

  test.each(["answerCount", "additionalCount"])("with %s past its limit is a fault of ours", (field) => {
    const set = {
      type: 1,
      stride: 0,
      answerCount: 1,
      answers: new Uint8Array(0),
      additionalCount: 0,
      additional: new Uint8Array(0),
    };
    const content = {
      flags: 0,
      apexSize: 1,
      zone: 0,
      kind: 0,
      sets: [{ ...set, [field]: RECORDS_PER_SET_MAX + 1 }],
    };
    expect(() => write(newMemory(), 0, Uint8Array.from([0]), content)).toThrow(AssertionError);
  });
});

test.each([
  [0, 0],
  [1, 2],
  [2, 2],
  [3, 4],
])("%i words are even at %i", (words, even) => {
  expect(evenWords(words)).toBe(even);
});
