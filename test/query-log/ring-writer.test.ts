// A ring from both ends: what is written comes out once, whole and in order, or is counted as lost.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAUSE, newAnswerNote } from "../../src/answer/answer-note.ts";
import { QueryRecord } from "../../src/query-log/query-record.ts";
import { REPLY_CLASS } from "../../src/query-log/record-layout.ts";
import { RingReader } from "../../src/query-log/ring-reader.ts";
import { newRing, replyClassOf, RingWriter } from "../../src/query-log/ring-writer.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";
import { withRecord, writeRecord } from "../support/query-log/recorded.ts";

const REPLY = writeHeader(0x1234, 0x8180, 1, 2, 0, 0);

describe("a ring", () => {
  test("gives records back in order, and counts those that it had no place for", () => {
    const step = fc.oneof(
      fc.record({ labels: fc.integer({ min: 0, max: 60 }), messageBytes: fc.constantFrom(0, 0, 12, 200, 1500) }),
      fc.record({ read: fc.integer({ min: 0, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const ring = newRing(4096);
        const writer = new RingWriter(ring);
        const reader = new RingReader(ring);
        const view = new QueryRecord();
        const kept: string[] = [];
        const seen: string[] = [];
        let lost = 0;
        const read = (max: number): number =>
          reader.read(view, max, (each) => {
            seen.push(`${each.draw} ${each.name} ${each.query?.length} ${each.reply?.at(-1)}`);
          });
        for (const [i, each] of steps.entries()) {
          if ("read" in each) {
            expect(read(each.read)).toBeLessThanOrEqual(each.read);
            continue;
          }
          const { labels, messageBytes } = each;
          const name = `${"ab.".repeat(labels)}z.`;
          const query = writeQuery({ name, type: "A" });
          const reply = Buffer.alloc(Math.max(messageBytes, 12), i);
          const before = reader.dropped;
          const hasMessages = messageBytes > 0;
          writeRecord(writer, { query, reply, draw: i, hasMessages });
          if (reader.dropped > before) lost++;
          else kept.push(`${i} ${name} ${hasMessages ? query.length : undefined} ${hasMessages ? i & 255 : undefined}`);
        }
        while (read(1000) > 0);
        expect(seen).toEqual(kept);
        expect(reader.dropped).toBe(lost);
      }),
      { numRuns: 60 },
    );
  });

  test("goes on where its counts of bytes overflow", () => {
    const ring = newRing(4096);
    new Int32Array(ring)[0] = new Int32Array(ring)[16] = 0x7fff_f000;
    const writer = new RingWriter(ring);
    const reader = new RingReader(ring);
    const seen: number[] = [];
    for (let i = 0; i < 2000; i++) {
      writeRecord(writer, { query: writeQuery({ name: "a.z.", type: "A" }), reply: REPLY, draw: i });
      reader.read(new QueryRecord(), 10, ({ draw }) => void seen.push(draw));
    }
    expect(seen).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  test("a record that is larger than the ring is lost", () => {
    const ring = newRing(4096);
    const reply = Buffer.alloc(5000);
    writeRecord(new RingWriter(ring), { query: writeQuery({ name: "a.z.", type: "A" }), reply, hasMessages: true });
    expect(new RingReader(ring).dropped).toBe(1);
  });
});

describe("a record", () => {
  test("has all of an ordinary query", () => {
    const opt = { size: 1232, flags: 0x8000 };
    const query = writeQuery({ name: "Web.Shop.svc.cluster.local.", type: "AAAA", id: 0xfedc, flags: 0x0110, opt });
    const answered = { query, reply: REPLY, address: "fd00::7", port: 65_535, transport: "https" as const };
    const { nameBytes, addressBytes, ...shown } = withRecord(
      { ...answered, note: { cause: CAUSE.CACHE, ede: 3 }, durationMs: 0.0625, draw: 77 },
      (each) => ({
        id: each.id,
        port: each.port,
        address: each.address,
        addressBytes: each.addressBytes.length,
        transport: each.transport,
        hasQuestion: each.hasQuestion,
        name: each.name,
        nameBytes: Buffer.from(each.nameBytes).toString("latin1"),
        type: each.type,
        class: each.class,
        queryFlags: each.queryFlags,
        replyFlags: each.replyFlags,
        querySize: each.querySize,
        replySize: each.replySize,
        answers: each.answers,
        hasOpt: each.hasOpt,
        dnssecOk: each.dnssecOk,
        udpSize: each.udpSize,
        rcode: each.rcode,
        ede: each.ede,
        cause: each.cause,
        timeMs: each.timeMs,
        durationMs: each.durationMs,
        draw: each.draw,
        query: each.query,
        reply: each.reply,
      }),
    );
    expect(shown).toEqual({
      id: 0xfedc,
      port: 65_535,
      address: "fd00::7",
      transport: "https",
      hasQuestion: true,
      name: "web.shop.svc.cluster.local.",
      type: 28,
      class: 1,
      queryFlags: 0x0110,
      replyFlags: 0x8180,
      querySize: query.length,
      replySize: 12,
      answers: 2,
      hasOpt: true,
      dnssecOk: true,
      udpSize: 1232,
      rcode: 0,
      ede: 3,
      cause: CAUSE.CACHE,
      timeMs: 1_700_000_000_123,
      durationMs: 0.0625,
      draw: 77,
      query: undefined,
      reply: undefined,
    });
    expect([nameBytes.length, nameBytes[0], addressBytes]).toEqual([28, "\u0003", 16]);
  });

  test.each<[what: string, query: Buffer, name: string, type: number]>([
    ["the root", writeQuery({ name: ".", type: "NS" }), ".", 2],
    ["without a question", writeHeader(1, 0, 0, 0, 0, 0), "", 0],
    ["that counts a question it has not", writeHeader(1, 0, 1, 0, 0, 0), "", 0],
    ["with a label that is cut", Buffer.concat([writeHeader(1, 0, 1, 0, 0, 0), Buffer.from([9, 65])]), "", 0],
    [
      "with a pointer as its name",
      Buffer.concat([writeHeader(1, 0, 1, 0, 0, 0), Buffer.from("c00c00010001", "hex")]),
      "",
      0,
    ],
    ["with a type that is cut", writeQuery({ name: "a.z.", type: "A" }).subarray(0, -1), "", 0],
    ["of the longest name", writeQuery({ name: `${"a.".repeat(127)}`, type: "A" }), "a.".repeat(127), 1],
  ])("of a query %s", (_, query, name, type) => {
    withRecord({ query, reply: REPLY }, (each) => {
      expect([each.hasQuestion, each.name, each.type, each.hasOpt]).toEqual([name !== "", name, type, false]);
    });
  });

  test("has the upper bits of its rcode from the note, and no extended error where there is none", () => {
    const query = writeQuery({ name: "a.z.", type: "A" });
    withRecord({ query, reply: REPLY, note: { rcode: 16 } }, ({ rcode, ede }) => {
      expect([rcode, ede]).toEqual([16, undefined]);
    });
    withRecord({ query, reply: REPLY, note: { ede: 0 } }, ({ ede }) => expect(ede).toBe(0));
  });

  test("has the messages where they are wanted", () => {
    const query = writeQuery({ name: "A.z.", type: "A" });
    withRecord({ query, reply: REPLY, hasMessages: true }, (each) => {
      expect([Buffer.from(each.query!), Buffer.from(each.reply!)]).toEqual([query, REPLY]);
    });
  });
});

test.each<[what: string, reply: Buffer, note: object, replyClass: keyof typeof REPLY_CLASS]>([
  ["an answer", writeHeader(1, 0x8400, 1, 1, 0, 0), {}, "SUCCESS"],
  ["NXDOMAIN", writeHeader(1, 0x8403, 1, 0, 1, 0), {}, "DENIAL"],
  ["NXDOMAIN behind a CNAME", writeHeader(1, 0x8403, 1, 1, 1, 0), {}, "DENIAL"],
  ["no data", writeHeader(1, 0x8400, 1, 0, 1, 0), {}, "DENIAL"],
  ["a referral", writeHeader(1, 0x8000, 1, 0, 2, 0), { cause: CAUSE.REFERRAL }, "SUCCESS"],
  ["a reply that was cut to nothing", writeHeader(1, 0x8600, 1, 0, 0, 0), {}, "SUCCESS"],
  ["SERVFAIL", writeHeader(1, 0x8002, 1, 0, 0, 0), {}, "ERROR"],
  ["BADVERS", writeHeader(1, 0x8000, 1, 0, 0, 1), { rcode: 16 }, "ERROR"],
])("the class of %s", (_, reply, note, replyClass) => {
  expect(replyClassOf(reply, 0, { ...newAnswerNote(), ...note })).toBe(REPLY_CLASS[replyClass]);
});
