import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readName } from "../../src/dns/name.ts";
import { rcodeOf, readRecords, readSections, writeQuery } from "../../src/dns/message.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery as writeTestQuery } from "../support/wire.ts";

describe("records", () => {
  const reply = writeReply(writeTestQuery({ name: "www.up.test.", type: "A", opt: { size: 1232 } }), {
    answer: [{ owner: "www.up.test.", type: "A", ttl: 0xffff_ffff, rdata: address("192.0.2.1") }],
    authority: [{ owner: ".", type: "NS", class: 3, rdata: name("a.") }],
  });

  test("of all sections, in their places", () => {
    expect(readRecords(reply)).toMatchObject([
      { section: "answer", type: 1, class: 1, ttl: 0xffff_ffff },
      { section: "authority", type: 2, class: 3, ttl: 60 },
      { section: "additional", type: 41, class: 1232 },
    ]);
    const [first] = readRecords(reply)!;
    expect([...reply.subarray(first!.rdataAt, first!.rdataEnd)]).toEqual([192, 0, 2, 1]);
  });

  test("cut anywhere, there are none", () => {
    for (let size = 0; size < reply.length; size++) expect(readRecords(reply.subarray(0, size))).toBeUndefined();
  });

  test("any bytes are read in bounds", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const { ownerAt, rdataAt, rdataEnd } of readRecords(bytes) ?? []) {
          expect(ownerAt < rdataAt && rdataAt <= rdataEnd && rdataEnd <= bytes.length).toBe(true);
        }
        for (let at = 0; at < bytes.length; at++) expect(readName(bytes, at)?.length ?? 0).toBeLessThanOrEqual(255);
      }),
    );
  });
});

test("answer and authority with names written out; nothing of an OPT, of other records, or of no message", () => {
  const asked = { name: name("www.up.test."), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
  const reply = writeReply(writeUpstreamQuery(asked), {
    answer: [{ owner: "www.up.test.", type: "A", ttl: 7, rdata: address("192.0.2.1") }],
    authority: [{ owner: "up.test.", type: "SOA", rdata: soa() }],
  });
  const { answer, authority } = readSections(reply);
  expect(answer).toMatchObject([{ owner: asked.name, type: 1, class: 1, ttl: 7, rdata: Uint8Array.of(192, 0, 2, 1) }]);
  expect(authority.map(({ type }) => type)).toEqual([6]);
  expect(readSections(reply.subarray(0, 20))).toEqual({ answer: [], authority: [] });
});

test.each([
  [{ rcode: 2 }, { rcode: 2, hasEdns: true }],
  [{ rcode: 23 }, { rcode: 23, hasEdns: true }],
  [
    { rcode: 5, edns: false },
    { rcode: 5, hasEdns: false },
  ],
])("the response code of %j", (reply, expected) => {
  expect(rcodeOf(writeReply(writeTestQuery({ name: "www.up.test.", type: "A", opt: { size: 1232 } }), reply))).toEqual(
    expected,
  );
});

test("a query asks for recursion, with an OPT record or without", () => {
  const question = { name: name("www.up.test."), type: 28, class: 1 };
  const plain = readMessage(Buffer.from(writeQuery(question)));
  expect(plain).toMatchObject({ id: 0, opcode: 0, flags: { rd: true, ad: false, cd: false }, opt: undefined });
  expect(plain.question).toEqual({ name: "www.up.test.", type: "AAAA", class: 1 });
  const { opt } = readMessage(Buffer.from(writeQuery(question, { udpSize: 4096, dnssecOk: true })));
  expect(opt).toEqual({ size: 4096, extendedRcode: 0, version: 0, flags: 0x8000, options: [] });
});
