// The scenario runner must notice every way in which an answer can be wrong.
import { expect, test } from "vitest";
import { differences, parseQuestions, zoneSettings } from "./scenario.ts";
import { address, name, writeReply } from "./scripted-upstream.ts";
import type { ScriptedRecord, ScriptedReply } from "./scripted-upstream.ts";
import { writeQuery } from "./wire.ts";

const settings = zoneSettings({});
const text = `
$ORIGIN default.svc
# row: svc-a
? web A
; NOERROR
web A 10.0.0.1
web A 10.0.0.2
;; additional
web AAAA fd00:0::1
? web TXT
; NODATA
`;
const WEB = "web.default.svc.cluster.local.";
const [QR, AA, TC, RD, RA, AD] = [0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020];

function soa(owner = "cluster.local.", minimum = 30): ScriptedRecord {
  const numbers = Buffer.alloc(20);
  [99, 7_200, 1_800, 86_400, minimum].forEach((value, i) => numbers.writeUInt32BE(value, i * 4));
  const rdata = Buffer.concat([name("ns.dns.cluster.local."), name("hostmaster.cluster.local."), numbers]);
  return { owner, type: "SOA", ttl: 30, rdata };
}

const a = (last: number, change: Partial<ScriptedRecord> = {}): ScriptedRecord => ({
  owner: WEB,
  type: "A",
  ttl: 30,
  rdata: address(`10.0.0.${last}`),
  ...change,
});
const aaaa = a(0, { type: "AAAA", rdata: Buffer.from("fd000000000000000000000000000001", "hex") });

function check(index: number, reply: ScriptedReply): string[] {
  const question = parseQuestions(text, settings)[index];
  if (question === undefined) throw new Error("no such question");
  const query = writeQuery({ name: question.name, type: question.type, id: 5, flags: 0 });
  return differences(question, query, undefined, writeReply(query, { flags: QR | AA, ...reply }), settings);
}

test("nothing is wrong with the right answers, in any order", () => {
  expect(check(0, { answer: [a(2), a(1)], additional: [aaaa] })).toEqual([]);
  expect(check(1, { authority: [soa()] })).toEqual([]);
});

const right: ScriptedReply = { answer: [a(1), a(2)], additional: [aaaa] };
test.each<[string, number, ScriptedReply]>([
  ["a record is missing", 0, { ...right, answer: [a(1)] }],
  ["a record stands twice", 0, { ...right, answer: [a(1), a(2), a(2)] }],
  ["another address", 0, { ...right, answer: [a(1), a(3)] }],
  ["another TTL", 0, { ...right, answer: [a(1), a(2, { ttl: 31 })] }],
  ["another owner", 0, { ...right, answer: [a(1), a(2, { owner: "x.default.svc.cluster.local." })] }],
  ["another class", 0, { ...right, answer: [a(1), a(2, { class: 3 })] }],
  ["no additional set", 0, { ...right, additional: [] }],
  ["an authority section in a positive answer", 0, { ...right, authority: [soa()] }],
  ["the question's case changed", 0, { ...right, question: { name: "WEB.default.svc.cluster.local.", type: "A" } }],
  ["another rcode", 0, { ...right, rcode: 3 }],
  ["another id", 0, { ...right, id: 6 }],
  ["not a response", 0, { ...right, flags: AA }],
  ["not authoritative", 0, { ...right, flags: QR }],
  ["RD set", 0, { ...right, flags: QR | AA | RD }],
  ["RA set", 0, { ...right, flags: QR | AA | RA }],
  ["truncated", 0, { ...right, flags: QR | AA | TC }],
  ["AD set", 0, { ...right, flags: QR | AA | AD }],
  ["an OPT unasked", 0, { ...right, edns: true }],
  ["no SOA", 1, {}],
  ["two SOAs", 1, { authority: [soa(), soa()] }],
  ["the SOA of another zone", 1, { authority: [soa("local.")] }],
  ["another minimum", 1, { authority: [soa("cluster.local.", 5)] }],
])("notices: %s", (_, index, reply) => {
  expect(check(index, reply)).not.toEqual([]);
});

test.each([
  ["a question without a row", "line 1: Error: a question needs", "? web A\n; NOERROR"],
  ["a question without a status", "line 3: Error: no status", "# row: a\n? web A\n# row: b"],
  ["a status that is none", "line 3: Error: not a status", "# row: a\n? web A\n; FINE"],
  ["a record before a status", "line 3: Error: a record before", "# row: a\n? web A\nweb A 10.0.0.1"],
  ["a type that is none", "line 2: Error: not a type", "# row: a\n? web AAAAA\n; NODATA"],
  ["a record that is none", "line 4: Error: not a record", "# row: a\n? web A\n; NOERROR\nweb 10.0.0.1"],
])("refuses %s", (_, reason, questions) => {
  expect(() => parseQuestions(questions, settings)).toThrow(reason);
});
