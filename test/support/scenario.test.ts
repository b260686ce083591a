// The scenario runner must notice every way in which an answer can be wrong. Replies are made by dns2 here.
import { Packet } from "dns2";
import { expect, test } from "vitest";
import { differences, parseQuestions, zoneSettings } from "./scenario.ts";
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
const soa = {
  name: "cluster.local",
  type: 6,
  class: 1,
  ttl: 30,
  primary: "ns.dns.cluster.local",
  admin: "hostmaster.cluster.local",
  serial: 99,
  refresh: 7200,
  retry: 1800,
  expiration: 86400,
  minimum: 30,
};
const a = (last: number, change: object = {}): object => ({
  name: "web.default.svc.cluster.local",
  type: 1,
  class: 1,
  ttl: 30,
  address: `10.0.0.${last}`,
  ...change,
});
const aaaa = { ...a(0), type: 28, address: "fd00::1" };

interface Reply {
  readonly header?: object;
  readonly name?: string;
  readonly answers?: readonly object[];
  readonly authorities?: readonly object[];
  readonly additionals?: readonly object[];
}

function check(index: number, reply: Reply): string[] {
  const question = parseQuestions(text, settings)[index];
  if (question === undefined) throw new Error("no such question");
  const query = writeQuery({ name: question.name, type: question.type, id: 5, flags: 0 });
  const packet = new Packet();
  packet.header = new Packet.Header({ id: 5, qr: 1, aa: 1, ...reply.header });
  const type = question.type === "A" ? 1 : 16;
  packet.questions = [new Packet.Question(reply.name ?? "web.default.svc.cluster.local", type, 1)];
  packet.answers = (reply.answers ?? []).map((record) => new Packet.Resource(record));
  packet.authorities = (reply.authorities ?? []).map((record) => new Packet.Resource(record));
  packet.additionals = (reply.additionals ?? []).map((record) => new Packet.Resource(record));
  return differences(question, query, undefined, packet.toBuffer(), settings);
}

test("nothing is wrong with the right answers, in any order", () => {
  expect(check(0, { answers: [a(2), a(1)], additionals: [aaaa] })).toEqual([]);
  expect(check(1, { authorities: [soa] })).toEqual([]);
});

const right: Reply = { answers: [a(1), a(2)], additionals: [aaaa] };
test.each<[string, number, Reply]>([
  ["a record is missing", 0, { ...right, answers: [a(1)] }],
  ["a record stands twice", 0, { ...right, answers: [a(1), a(2), a(2)] }],
  ["another address", 0, { ...right, answers: [a(1), a(3)] }],
  ["another TTL", 0, { ...right, answers: [a(1), a(2, { ttl: 31 })] }],
  ["another owner", 0, { ...right, answers: [a(1), a(2, { name: "x.default.svc.cluster.local" })] }],
  ["another class", 0, { ...right, answers: [a(1), a(2, { class: 3 })] }],
  ["no additional set", 0, { ...right, additionals: [] }],
  ["an authority section in a positive answer", 0, { ...right, authorities: [soa] }],
  ["the question's case changed", 0, { ...right, name: "WEB.default.svc.cluster.local" }],
  ["another rcode", 0, { ...right, header: { rcode: 3 } }],
  ["another id", 0, { ...right, header: { id: 6 } }],
  ["not a response", 0, { ...right, header: { qr: 0 } }],
  ["not authoritative", 0, { ...right, header: { aa: 0 } }],
  ["RD set", 0, { ...right, header: { rd: 1 } }],
  ["RA set", 0, { ...right, header: { ra: 1 } }],
  ["truncated", 0, { ...right, header: { tc: 1 } }],
  ["AD set", 0, { ...right, header: { ad: 1 } }],
  ["an OPT unasked", 0, { ...right, additionals: [aaaa, Packet.Resource.EDNS([])] }],
  ["no SOA", 1, {}],
  ["two SOAs", 1, { authorities: [soa, soa] }],
  ["the SOA of another zone", 1, { authorities: [{ ...soa, name: "local" }] }],
  ["another minimum", 1, { authorities: [{ ...soa, minimum: 5 }] }],
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
