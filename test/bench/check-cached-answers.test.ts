import { expect, test } from "vitest";
import { findCachedFault } from "../../bench/check-answers.ts";
import { ExpectedAnswers } from "../../bench/cluster-records.ts";
import { makeServices, serviceName } from "../../bench/cluster.ts";
import { toForeign } from "../../bench/foreign.ts";
import type { Message, ResourceRecord } from "../support/wire.ts";

const services = makeServices({ services: 4, endpoints: 2 });
const expected = new ExpectedAnswers(services);
const headless = services[3]!;
const [name, missing] = [toForeign(serviceName(headless)), "gone.team-00.svc.bench.example."];
const FLAGS = { qr: true, aa: false, tc: false, rd: true, ra: true, z: false, ad: false, cd: false };
const SOA: ResourceRecord = { owner: "bench.example.", type: "SOA", class: 1, ttl: 9, rdata: ". . 1 2 3 4 5" };

const address = (rdata: string, ttl = 3_600): ResourceRecord => ({ owner: name, type: "A", class: 1, ttl, rdata });
const addresses = headless.endpoints.map((each) => address(each));

function reply(asked: string, parts: Partial<Message>): Message {
  const sections = { answer: [], authority: [], additional: [], opt: undefined };
  const question = { name: asked, type: "A", class: 1 };
  const head = { id: 0, flags: FLAGS, opcode: 0, rcode: "NOERROR", question, questionBytes: Buffer.alloc(0) };
  return { ...head, ...sections, ...parts };
}

test.each([
  { what: "all records", asked: name, parts: { answer: addresses }, told: undefined },
  { what: "another order", asked: name, parts: { answer: addresses.toReversed() }, told: undefined },
  {
    what: "TTLs counted down",
    asked: name,
    parts: { answer: headless.endpoints.map((each) => address(each, 7)) },
    told: undefined,
  },
  {
    what: "the upstream's AA",
    asked: name,
    parts: { answer: addresses, flags: { ...FLAGS, aa: true } },
    told: undefined,
  },
  {
    what: "a TTL of 0",
    asked: name,
    parts: { answer: addresses.with(1, address(headless.endpoints[1]!, 0)) },
    told: "a TTL of 0",
  },
  {
    what: "a TTL that the upstream never gave",
    asked: name,
    parts: { answer: addresses.with(0, address(headless.endpoints[0]!, 3_601)) },
    told: "a TTL of 3601",
  },
  { what: "a record less", asked: name, parts: { answer: addresses.slice(1) }, told: "1 records" },
  {
    what: "another address",
    asked: name,
    parts: { answer: addresses.with(0, address("192.0.2.1")) },
    told: "not 2 records",
  },
  { what: "TC", asked: name, parts: { answer: addresses, flags: { ...FLAGS, tc: true } }, told: "flags" },
  { what: "another question", asked: missing, parts: { question: undefined }, told: "another question" },
  { what: "a denial with its SOA", asked: missing, parts: { rcode: "NXDOMAIN", authority: [SOA] }, told: undefined },
  { what: "a denial without", asked: missing, parts: { rcode: "NXDOMAIN" }, told: undefined },
  {
    what: "a denial by another zone",
    asked: missing,
    parts: { rcode: "NXDOMAIN", authority: [{ ...SOA, owner: "example." }] },
    told: "the SOA of example.",
  },
  { what: "a failure", asked: missing, parts: { rcode: "SERVFAIL" }, told: "SERVFAIL, not NXDOMAIN" },
])("$what", ({ asked, parts, told }) => {
  const fault = findCachedFault({ name: asked, type: "A" }, reply(asked, parts), expected);
  if (told === undefined) expect(fault).toBeUndefined();
  else expect(fault).toContain(told);
});
