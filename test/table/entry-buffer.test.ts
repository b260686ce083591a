import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EntryBuffer } from "../../src/table/entry-buffer.ts";
import { readEntry } from "../../src/table/entry.ts";
import { wire } from "../support/core/table.ts";

const HEAD = { flags: 4, apexSize: 3, zone: 7, kind: 2 };

interface GivenSet {
  readonly type: number;
  readonly answers: readonly Uint8Array[];
  readonly additional: readonly Uint8Array[];
}

const rdata = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
const sets: fc.Arbitrary<readonly GivenSet[]> = fc.array(
  fc.record({ type: fc.nat(0xffff), answers: rdata, additional: rdata }),
  { maxLength: 5 },
);

/** A record whose owner name is a pointer to `owner`. */
function record(owner: number, type: number, data: Uint8Array): readonly number[] {
  return [
    0xc0 | (owner >> 8),
    owner & 0xff,
    type >> 8,
    type & 0xff,
    0,
    1,
    0,
    0,
    1,
    44,
    data.length >> 8,
    data.length & 0xff,
    ...data,
  ];
}

function write(entry: EntryBuffer, given: readonly GivenSet[]): void {
  entry.begin(wire("a.z."), HEAD, given.length);
  const add = (owner: number, type: number, data: Uint8Array): void => {
    const at = entry.addRecord(owner, type, 300, data.length);
    entry.bytes.set(data, at);
  };
  for (const { type, answers, additional } of given) {
    entry.beginSet(type, 16);
    for (const data of answers) add(12, type, data);
    entry.endAnswers();
    for (const data of additional) add(0x123, 1, data);
    entry.endSet();
  }
  entry.end();
}

describe("EntryBuffer", () => {
  test("has what was written, record by record, whatever it had before", () => {
    const entry = new EntryBuffer();
    fc.assert(
      fc.property(sets, (given) => {
        write(entry, given);
        expect(entry.size % 2).toBe(0);
        expect(readEntry(entry.words, entry.bytes, 0)).toEqual({
          name: wire("a.z."),
          content: {
            ...HEAD,
            sets: given.map(({ type, answers, additional }) => ({
              type,
              stride: 16,
              answerCount: answers.length,
              answers: Uint8Array.from(answers.flatMap((data) => record(12, type, data))),
              additionalCount: additional.length,
              additional: Uint8Array.from(additional.flatMap((data) => record(0x123, 1, data))),
            })),
          },
        });
      }),
      { numRuns: 100 },
    );
  });

  test("is word for word that of the same content", () => {
    const [entry, filled] = [new EntryBuffer(), new EntryBuffer()];
    fc.assert(
      fc.property(sets, (given) => {
        write(entry, given);
        const { name, content } = readEntry(entry.words, entry.bytes, 0);
        filled.fill(name, content);
        expect(entry.words.subarray(0, entry.size)).toEqual(filled.words.subarray(0, filled.size));
      }),
      { numRuns: 100 },
    );
  });

  test("puts a label in lower case", () => {
    const entry = new EntryBuffer();
    entry.beginLabel("Web-0", wire("z."), HEAD, 0);
    entry.end();
    expect(readEntry(entry.words, entry.bytes, 0).name).toEqual(wire("web-0.z."));
  });
});
