// Freshness of replies: lowest TTLs, negative answers, and malformed bytes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshnessOf } from "../../src/server/doh-freshness.ts";

interface Record {
  readonly type: number;
  readonly ttl: number;
  readonly rdata?: Uint8Array;
}

const A = 1;
const NS = 2;
const SOA = 6;
const OPT = 41;
const NXDOMAIN = 3;

const soaRdata = (minimum: number): Buffer => {
  const rdata = Buffer.alloc(22);
  rdata.writeUInt32BE(minimum, 18);
  return rdata;
};

/** A reply to one question for `www.example.`, whose records are owned by a pointer to it. */
function makeReply(rcode: number, ...sections: readonly (readonly Record[])[]): Buffer {
  const header = Buffer.from([0, 0, 0x84, rcode, 0, 1, 0, 0, 0, 0, 0, 0]);
  sections.forEach((records, i) => header.writeUInt16BE(records.length, 6 + 2 * i));
  const question = Buffer.from("\x03www\x07example\0\0\x01\0\x01", "latin1");
  const records = sections.flat().map(({ type, ttl, rdata = Buffer.alloc(4) }) => {
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, rdata.length >> 8, rdata.length & 0xff]);
    head.writeUInt32BE(ttl, 6);
    return Buffer.concat([head, rdata]);
  });
  return Buffer.concat([header, question, ...records]);
}

describe("freshnessOf", () => {
  test.each<[string, Buffer, number | undefined]>([
    ["one answer", makeReply(0, [{ type: A, ttl: 5 }]), 5],
    [
      "the least of several",
      makeReply(
        0,
        [30, 7, 600].map((ttl) => ({ type: A, ttl })),
      ),
      7,
    ],
    [
      "a TTL of 0",
      makeReply(
        0,
        [5, 0].map((ttl) => ({ type: A, ttl })),
      ),
      0,
    ],
    ["a TTL with its highest bit set is none", makeReply(0, [{ type: A, ttl: 0x8000_0001 }]), 0],
    ["the longest TTL", makeReply(0, [{ type: A, ttl: 0x7fff_ffff }]), 0x7fff_ffff],
    [
      "the authority's and additional TTLs don't count",
      makeReply(0, [{ type: A, ttl: 30 }], [{ type: NS, ttl: 5 }]),
      30,
    ],
    ["nor an OPT", makeReply(0, [{ type: A, ttl: 30 }], [], [{ type: OPT, ttl: 0 }]), 30],
    ["NODATA: the SOA's TTL", makeReply(0, [], [{ type: SOA, ttl: 9, rdata: soaRdata(60) }]), 9],
    ["NODATA: its MINIMUM", makeReply(0, [], [{ type: SOA, ttl: 60, rdata: soaRdata(4) }]), 4],
    ["NXDOMAIN", makeReply(NXDOMAIN, [], [{ type: SOA, ttl: 60, rdata: soaRdata(30) }]), 30],
    [
      "NXDOMAIN behind an alias: the least of both",
      makeReply(NXDOMAIN, [{ type: 5, ttl: 8 }], [{ type: SOA, ttl: 60, rdata: soaRdata(30) }]),
      8,
    ],
    ["an SOA too short for MINIMUM", makeReply(0, [], [{ type: SOA, ttl: 9, rdata: Buffer.alloc(3) }]), undefined],
    ["neither answers nor SOA", makeReply(0), undefined],
    ["a referral", makeReply(0, [], [{ type: NS, ttl: 30 }]), undefined],
    ...[1, 2, 4, 5].map((rcode): [string, Buffer, undefined] => [
      `an error, rcode ${rcode}`,
      makeReply(rcode, [{ type: A, ttl: 30 }]),
      undefined,
    ]),
  ])("%s", (_name, reply, seconds) => {
    expect(freshnessOf(reply)).toBe(seconds);
  });

  test("a reply cut anywhere has no freshness", () => {
    const reply = makeReply(0, [{ type: A, ttl: 5 }], [{ type: SOA, ttl: 9, rdata: soaRdata(60) }]);
    for (let end = 0; end < reply.length; end++) expect(freshnessOf(reply.subarray(0, end)), `${end}`).toBeUndefined();
    expect(freshnessOf(reply)).toBe(5);
  });

  test("any bytes: a number of seconds or nothing, and no more time than their length allows", () => {
    const seed = makeReply(
      0,
      [5, 6].map((ttl) => ({ type: A, ttl })),
      [{ type: SOA, ttl: 9, rdata: soaRdata(60) }],
    );
    const mutated = fc
      .array(fc.tuple(fc.nat({ max: seed.length - 1 }), fc.nat({ max: 255 })), { maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        const seconds = freshnessOf(bytes);
        return seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 0x7fff_ffff);
      }),
      { numRuns: 2_000 },
    );
    const zeros = new Uint8Array(65_535).fill(0);
    zeros.fill(0xff, 4, 10);
    const start = performance.now();
    freshnessOf(zeros);
    expect(performance.now() - start).toBeLessThan(50);
  });
});
