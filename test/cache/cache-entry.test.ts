// An answer into an entry's words and back; what the words say is read by the tests' own decoder, as a message.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCacheEntry, encodeCacheEntry } from "../../src/cache/cache-entry.ts";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../src/cache/cache-key.ts";
import type { ResourceRecord } from "../../src/dns/resource-record.ts";
import { CACHE_ENTRY, RECORD_END_SHIFT, wordsFor } from "../../src/cache/cache-layout.ts";
import { content, contentLines, key, messageLines, record, soaOf } from "../support/core/cached.ts";
import { wire } from "../support/core/table.ts";
import { readMessage } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const TIMES = { storedMs: 5, validUntilMs: 60_005, ttl: 60 };

/** The entry as the message that it makes behind its question. */
function messageOf(words: Int32Array): { message: Message; size: number } {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const sizes = words[CACHE_ENTRY.SIZES]!;
  const [keySize, recordsSize] = [sizes & 0xffff, sizes >>> 16];
  const counts = words[CACHE_ENTRY.COUNTS]!;
  const at = (CACHE_ENTRY.KEY + wordsFor(keySize) + (counts & 0xffff) + (counts >>> 16)) * 4;
  const header = Buffer.from([0, 0, 0x81, 0x80 | (words[CACHE_ENTRY.META]! & 15), 0, 1, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(counts & 0xffff, 6);
  header.writeUInt16BE(counts >>> 16, 8);
  const keyBytes = bytes.subarray(CACHE_ENTRY.KEY * 4, CACHE_ENTRY.KEY * 4 + keySize);
  const question = Buffer.concat([keyBytes.subarray(0, keySize - 1), Buffer.from([0, 1])]);
  const reply = Buffer.concat([header, question, bytes.subarray(at, at + recordsSize)]);
  return { message: readMessage(reply), size: reply.length };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const shown = ({ owner, type, ttl, rdata }: ResourceRecord): string => `${hex(owner)} ${type} ${ttl} ${hex(rdata)}`;
const lower = (text: string): string => text.toLowerCase();

const KINDS: readonly (readonly [what: string, content: CacheContent, type?: string])[] = [
  ["an address", content([record("www.up.test.", 60, "A", "192.0.2.1")])],
  [
    "a chain",
    content([record("www.up.test.", 300, "CNAME", "b.up.test."), record("b.up.test.", 20, "A", "192.0.2.1")]),
  ],
  [
    "MX",
    content([record("www.up.test.", 1, "MX", Buffer.concat([Buffer.from([0, 10]), wire("mail.up.test.")]))]),
    "MX",
  ],
  ["NS", content([record("www.up.test.", 1, "NS", "ns.elsewhere.example.")]), "NS"],
  ["the root as a target", content([record("www.up.test.", 9, "CNAME", ".")])],
  ["NXDOMAIN", content([], { rcode: 3, authority: [soaOf("up.test.", 60, 30)] })],
  [
    "NODATA of a chain",
    content([record("www.up.test.", 300, "CNAME", "b.up.test.")], { authority: [soaOf("test.", 1, 1)] }),
  ],
  ["SOA", content([soaOf("www.up.test.", 2 ** 31 - 1, 2 ** 32 - 1)]), "SOA"],
  [
    "an unknown type",
    content([record("www.up.test.", 60, "TYPE65280", Buffer.from("00c00c010203ff", "hex"))]),
    "TYPE65280",
  ],
  ["an unknown type without data", content([record("www.up.test.", 60, "TYPE65280", Buffer.alloc(0))]), "TYPE65280"],
  [
    "HTTPS with odd parameters",
    content([record("www.up.test.", 60, "HTTPS", Buffer.from("000100ff00000080c00c", "hex"))]),
    "HTTPS",
  ],
  ["TXT of 8-bit bytes", content([record("www.up.test.", 60, "TXT", Buffer.from([4, 0, 255, 192, 12]))]), "TXT"],
  [
    "SRV, whose target is not compressed",
    content([record("www.up.test.", 60, "SRV", Buffer.concat([Buffer.alloc(6), wire("www.up.test.")]))]),
    "SRV",
  ],
  ["an 8-bit name", content([record("\\000\\255\\032.www.up.test.", 60, "A", "192.0.2.1")])],
];

const NAMED = KINDS.map(([name, what, type = "A"]) => ({ name, what, type }));

describe("encodeCacheEntry", () => {
  test.each(NAMED)("$name: as a message it says what went in", ({ what, type }) => {
    const words = encodeCacheEntry(key("www.up.test.", type), what, TIMES);
    expect(messageLines(messageOf(words).message)).toEqual(contentLines(what));
  });

  test.each(NAMED)("$name: decoded it is what went in, byte by byte", ({ what, type }) => {
    const asked = key("www.up.test.", type, { dnssecOk: true });
    const { answer, authority, ...rest } = decodeCacheEntry(encodeCacheEntry(asked, what, TIMES));
    expect(answer.map(shown)).toEqual(what.answer.map(shown));
    expect(authority.map(shown)).toEqual(what.authority.map(shown));
    expect(rest).toEqual({ key: asked, times: TIMES, rcode: what.rcode, ede: 0, authenticated: false });
  });

  test("names are compressed into the question and into each other", () => {
    const name = "a.long.name.of.up.test.";
    const chain = [
      record(name, 300, "CNAME", "b.of.up.test."),
      record("B.of.up.test.", 20, "A", "192.0.2.1"),
      record("b.of.up.test.", 20, "A", "192.0.2.2"),
    ];
    const { message, size } = messageOf(encodeCacheEntry(key(name), content(chain), TIMES));
    const question = 12 + wire(name).length + 4;
    // Pointers throughout, one label apart.
    expect(size).toBe(question + (2 + 10 + 2 + 2) + 2 * (2 + 10 + 4));
    expect(message.answer.map(({ owner }) => lower(owner))).toEqual([name, "b.of.up.test.", "b.of.up.test."]);
  });

  test("the words of records have the offset of each TTL and the end of each record", () => {
    const records = [record("www.up.test.", 11, "CNAME", "b.up.test."), record("b.up.test.", 22, "A", "192.0.2.1")];
    const words = encodeCacheEntry(key("www.up.test."), content(records), TIMES);
    const table = CACHE_ENTRY.KEY + wordsFor(words[CACHE_ENTRY.SIZES]! & 0xffff);
    const data = Buffer.from(words.buffer).subarray((table + 2) * 4);
    const places = [0, 1].map((i) => words[table + i]!);
    expect(places.map((place) => data.readUInt32BE(place & 0xffff))).toEqual([11, 22]);
    expect(places[0]! >>> RECORD_END_SHIFT).toBe((places[1]! & 0xffff) - 6);
    expect(places[1]! >>> RECORD_END_SHIFT).toBe(words[CACHE_ENTRY.SIZES]! >>> 16);
  });

  test("an answer of 60 kB is whole", () => {
    const records = Array.from({ length: 3_700 }, (_, i) =>
      record("large.up.test.", 60, "A", `10.1.${i >> 8}.${i & 255}`),
    );
    const words = encodeCacheEntry(key("large.up.test."), content(records), TIMES);
    const { message, size } = messageOf(words);
    expect(size).toBeGreaterThan(59_000);
    expect(messageLines(message)).toEqual(contentLines(content(records)));
    expect(decodeCacheEntry(words).answer.map(shown)).toEqual(records.map(shown));
  });

  test("names beyond what a pointer reaches are written out", () => {
    const filler = Array.from({ length: 70 }, () => record("www.up.test.", 60, "TXT", Buffer.alloc(250, 1)));
    const late = ["x", "y"].map((label) => record(`${label}.late.example.`, 60, "A", "192.0.2.1"));
    const words = encodeCacheEntry(key("www.up.test."), content([...filler, ...late]), TIMES);
    expect(decodeCacheEntry(words).answer.slice(-2).map(shown)).toEqual(late.map(shown));
  });

  test("an answer that makes no message is a failure, and not for long", () => {
    const records = Array.from({ length: 300 }, (_, i) =>
      record("large.up.test.", 600, "TXT", Buffer.concat([Buffer.from([250]), Buffer.alloc(250, i)])),
    );
    const decoded = decodeCacheEntry(
      encodeCacheEntry(key("large.up.test.", "TXT"), content(records), { ...TIMES, ttl: 600 }),
    );
    expect(decoded).toMatchObject({ rcode: 2, answer: [], authority: [], times: { ttl: 1 } });
  });

  test("any records come back as they went in", () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 8 });
    const suffix = fc.constantFrom<Uint8Array>(wire("up.test."), wire("www.up.test."), wire("a.example."), wire("."));
    const name = fc
      .tuple(fc.array(label, { maxLength: 3 }), suffix)
      .map(([labels, end]) => Uint8Array.from([...labels.flatMap((each) => [each.length, ...each]), ...end]));
    const common = { owner: name, class: fc.constant(1), ttl: fc.integer({ min: 0, max: 2 ** 31 - 1 }) };
    const number = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });
    const joined = (...parts: fc.Arbitrary<Uint8Array>[]): fc.Arbitrary<Uint8Array> =>
      fc.tuple(...parts).map((all) => new Uint8Array(Buffer.concat(all)));
    const typed = (type: number, rdata: fc.Arbitrary<Uint8Array>): fc.Arbitrary<ResourceRecord> =>
      fc.record({ ...common, type: fc.constant(type), rdata });
    const anyRecord = fc.oneof(
      typed(1, number(4)),
      typed(5, name),
      typed(2, name),
      typed(12, name),
      typed(39, name),
      typed(15, joined(number(2), name)),
      typed(33, joined(number(6), name)),
      typed(6, joined(name, name, number(20))),
      typed(65280, fc.uint8Array({ maxLength: 300 })),
    );
    const records = fc.array(anyRecord, { maxLength: 20 });
    fc.assert(
      fc.property(
        name,
        records,
        records,
        fc.boolean(),
        fc.boolean(),
        (owner, answer, authority, isSigned, isUnchecked) => {
          const asked: CacheKey = { name: owner, type: 1, dnssecOk: isSigned, checkingDisabled: isUnchecked };
          const what = content(answer, { rcode: 3, ede: 15, authenticated: isSigned, authority });
          const words = encodeCacheEntry(asked, what, TIMES);
          const decoded = decodeCacheEntry(words);
          // Letter case is lost where a name is compressed, and in keys.
          expect(lower(decoded.answer.map(shown).join())).toBe(lower(answer.map(shown).join()));
          expect(decoded.answer.map((each) => hex(each.rdata).length)).toEqual(
            answer.map((each) => hex(each.rdata).length),
          );
          expect(decoded.authority).toHaveLength(authority.length);
          expect(decoded).toMatchObject({ rcode: 3, ede: 15, authenticated: isSigned, times: TIMES });
          expect(lower(messageLines(messageOf(words).message).join())).toBe(lower(contentLines(what).join()));
        },
      ),
      { numRuns: 150 },
    );
  });
});
