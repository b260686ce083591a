// What replies say of their question.
import { expect, test } from "vitest";
import { TYPE } from "../../src/dns/constants.ts";
import { readOutcome } from "../../src/expect/read-outcome.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";
import { writeQuery } from "../support/wire.ts";

const A = { owner: "web.shop.", type: "A", rdata: address("10.0.0.1") };
const ALIAS = { owner: "web.shop.", type: "CNAME", rdata: name("Front.shop.") };
const SECOND = { owner: "front.shop.", type: "CNAME", rdata: name("example.com.") };
const SOA = { owner: "shop.", type: "SOA", rdata: soa() };

test.each<[title: string, reply: ScriptedReply, outcome: object]>([
  [
    "records",
    { answer: [A, A, { ...A, rdata: address("10.0.0.2") }] },
    { status: "NOERROR", answer: ["10.0.0.1", "10.0.0.2"] },
  ],
  [
    "an alias and records",
    { answer: [ALIAS, { ...A, owner: "front.shop." }] },
    { status: "NOERROR", answer: ["10.0.0.1"], alias: "front.shop." },
  ],
  ["an alias that leads out", { answer: [ALIAS, SECOND] }, { status: "NOERROR", answer: [], alias: "example.com." }],
  [
    "an alias of a name without records",
    { answer: [ALIAS], authority: [SOA] },
    { status: "NODATA", answer: [], alias: "front.shop." },
  ],
  [
    "an alias of no name",
    { rcode: 3, answer: [ALIAS], authority: [SOA] },
    { status: "NXDOMAIN", answer: [], alias: "front.shop." },
  ],
  ["no records", { authority: [SOA] }, { status: "NODATA", answer: [] }],
  [
    "a referral",
    { authority: [{ owner: "shop.", type: "NS", rdata: name("ns.shop.") }] },
    { status: "NODATA", answer: [] },
  ],
  ["no name", { rcode: 3 }, { status: "NXDOMAIN", answer: [] }],
  ["a code without a word", { rcode: 8 }, { status: "RCODE8", answer: [] }],
])("%s", (_, reply, outcome) => {
  const query = writeQuery({ id: 1, name: "web.shop.", type: "A" });
  const facts = { name: "web.shop.", type: TYPE.A, rcode: reply.rcode ?? 0, error: "" };
  expect(readOutcome(writeReply(query, reply), facts)).toEqual({ name: "web.shop.", ...outcome });
});

test("of an alias that is asked for, and an extended error", () => {
  const query = writeQuery({ id: 1, name: "web.shop.", type: "CNAME" });
  const facts = { name: "web.shop.", type: TYPE.CNAME, rcode: 0, error: "stale" };
  expect(readOutcome(writeReply(query, { answer: [ALIAS] }), facts)).toEqual({
    status: "NOERROR",
    name: "web.shop.",
    answer: ["front.shop."],
    error: "stale",
  });
});
