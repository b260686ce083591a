// The writer by itself: places and counts. What whole answers look like is in zone-answerer.test.ts and
// zone-answerer-sizes.test.ts.
import { expect, test } from "vitest";
import { RRsetWriter } from "../../src/answer/rrset-writer.ts";
import { Reply } from "../../src/answer/reply.ts";
import { shown } from "../support/core/ask.ts";
import { newTable, records, wire } from "../support/core/table.ts";
import { parseType, readMessage, writeQuery } from "../support/wire.ts";

const BASE = 3;
const table = newTable();
table.put("z.", [records("NS", ["ns.z."], { 0: ["10.0.0.53"] })]);
table.put("a.z.", [records("TXT", ["x"]), records("CNAME", ["b.z."])]);

/** What `write` leaves in a reply to a question for `name`, of `limit` bytes at most. */
function written(name: string, limit: number, write: (writer: RRsetWriter, reply: Reply) => void): readonly string[] {
  const bytes = new Uint8Array(BASE + 600);
  const query = writeQuery({ name, type: "A" });
  const reply = new Reply();
  reply.attach(bytes, BASE);
  reply.begin(limit, query, 0, query.length);
  write(new RRsetWriter(table.reader, 1), reply);
  reply.writeHeader(0x8000, false);
  const message = readMessage(Buffer.from(bytes.subarray(BASE, BASE + reply.at)));
  return [...shown(message).slice(1), ...(message.flags.tc ? ["TC"] : [])];
}

const entry = (name: string): number => table.reader.find(wire(name), 0, wire(name).length);
const set = (writer: RRsetWriter, name: string, type: string): number => writer.findSet(entry(name), parseType(type));

test.each([
  ["TXT", "TXT"],
  ["CNAME", "CNAME"],
  ["A", "CNAME"],
])("for %s there is the set of %s", (type, found) => {
  written("a.z.", 600, (writer) => {
    expect(table.reader.words[set(writer, "a.z.", type)]! & 0xffff).toBe(parseType(found));
    expect(set(writer, "z.", type)).toBe(0);
  });
});

test("the same set as an answer, and as a referral for a name above the question's", () => {
  const glue = "additional ns.z. 30 A 10.0.0.53";
  expect(
    written("z.", 600, (writer, reply) => writer.writeSet(reply, entry("z."), set(writer, "z.", "NS"), 12)),
  ).toEqual(["answer z. 30 NS ns.z.", glue]);
  const refer = (writer: RRsetWriter, reply: Reply): void =>
    writer.writeReferral(reply, entry("z."), set(writer, "z.", "NS"), 16);
  expect(written("a.b.z.", 600, refer)).toEqual(["authority z. 30 NS ns.z.", glue]);
});

test("a referral without its addresses is a cut one, an answer without them is whole", () => {
  const limit = 12 + 3 + 4 + 12 + 6;
  expect(
    written("z.", limit, (writer, reply) => writer.writeSet(reply, entry("z."), set(writer, "z.", "NS"), 12)),
  ).toHaveLength(1);
  const refer = (writer: RRsetWriter, reply: Reply): void =>
    writer.writeReferral(reply, entry("z."), set(writer, "z.", "NS"), 12);
  expect(written("z.", limit, refer)).toEqual(["authority z. 30 NS ns.z.", "TC"]);
});

test("the SOA as an answer and as a denial have their own TTLs", () => {
  const rdata = "ns.z. hostmaster.z. 7 7200 1800 86400 5";
  expect(written("a.z.", 600, (writer, reply) => writer.writeSoa(reply, 0, 14, true))).toEqual([
    `authority z. 5 SOA ${rdata}`,
  ]);
  expect(written("z.", 600, (writer, reply) => writer.writeSoa(reply, 0, 12, false))).toEqual([
    `answer z. 30 SOA ${rdata}`,
  ]);
  expect(written("z.", 30, (writer, reply) => writer.writeSoa(reply, 0, 12, false))).toEqual(["TC"]);
});
