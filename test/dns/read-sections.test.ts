import { expect, test } from "vitest";
import { readSections } from "../../src/dns/read-sections.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";

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
