// What answers of this thread say of their cause; late ones: test/forward/forwarding-answerer.test.ts.
import { expect, test } from "vitest";
import { CAUSE, newAnswerNote } from "../../src/answer/answer-note.ts";
import type { AnswerNote } from "../../src/answer/answer-note.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { newRateMemory } from "../../src/answer/rate-limiter.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { content, key, newCache, record } from "../support/core/cached.ts";
import { fillNames } from "../support/core/sample-zone.ts";
import { newTable, records } from "../support/core/table.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";

const { cache, writer, clock } = newCache();
cache.store(key("a.up.test."), content([record("a.up.test.", 600, "A", "192.0.2.1")]));

const table = newTable();
table.put("z.", [records("NS", ["ns.z."])]);
fillNames(table);
table.put("cut.z.", [records("NS", ["ns.cut.z."])], ENTRY_FLAG.CUT);
table.put("loop.z.", [records("TYPE39", ["loop.z."])], ENTRY_FLAG.REDIRECTS);
table.writer.setZonesKnown(true);

const settings = { ednsSize: 1232, recursion: true, cache: writer.memory, clock: clock.memory };
const allow = [parseCidr("10.0.0.0/8")!];
const answerer = new QueryAnswerer(table.reader, { ...settings, allow, nsid: Buffer.from("dns-1") }, 1);
const closed = new QueryAnswerer(table.reader, { ...settings, recursion: false }, 1);
const early = new QueryAnswerer(newTable().reader, settings, 1);
const limited = new QueryAnswerer(
  table.reader,
  { ...settings, rateLimit: { rate: 1, exempt: [], memory: newRateMemory([1, 2]) } },
  1,
);

function noteOf(by: QueryAnswerer, query: Uint8Array, host = 1): AnswerNote {
  const note = newAnswerNote();
  by.answer(query, 0, query.length, Buffer.alloc(1232), 0, new KnownClient("udp", Uint8Array.of(host, 0, 0, 1)), note);
  return note;
}

const A = { type: "A" };
test.each<
  [cause: keyof typeof CAUSE, rcode: number, ede: number, query: Uint8Array, by?: QueryAnswerer, host?: number]
>([
  ["LOCAL", 0, -1, writeQuery({ name: "a.z.", ...A }), answerer, 10],
  ["LOCAL", 3, -1, writeQuery({ name: "none.z.", ...A }), answerer, 10],
  ["REFERRAL", 0, -1, writeQuery({ name: "a.cut.z.", ...A }), answerer, 10],
  ["LOOP", 2, -1, writeQuery({ name: "a.name.in.loop.z.", ...A }), answerer, 10],
  ["NOT_READY", 2, 14, writeQuery({ name: "a.z.", ...A }), early],
  ["CACHE", 0, -1, writeQuery({ name: "a.up.test.", ...A }), answerer, 10],
  ["NOT_SERVED", 5, 20, writeQuery({ name: "b.up.test.", ...A }), closed],
  ["NOT_ALLOWED", 5, 18, writeQuery({ name: "a.z.", ...A }), answerer, 11],
  ["MALFORMED", 1, -1, writeHeader(1, 0, 2, 0, 0, 0), answerer, 10],
  ["UNSUPPORTED", 4, -1, writeHeader(1, 0x2000, 0, 0, 0, 0), answerer, 10],
  ["UNSUPPORTED", 16, -1, writeQuery({ name: "a.z.", ...A, opt: { size: 512, version: 1 } }), answerer, 10],
  ["UNSUPPORTED", 5, 21, writeQuery({ name: "z.", type: "AXFR" }), answerer, 10],
  ["IDENTITY", 0, -1, writeQuery({ name: "id.server.", type: "TXT", class: 3 }), answerer, 10],
])("%s, rcode %i, EDE %i", (cause, rcode, ede, query, by = answerer, host = 1) => {
  expect(noteOf(by, query, host)).toEqual({ cause: CAUSE[cause], rcode, ede });
});

test("a reply that the rate limit cuts", () => {
  const query = writeQuery({ name: "a.z.", ...A });
  const causes = Array.from({ length: 4 }, () => noteOf(limited, query).cause);
  expect(causes).toEqual([CAUSE.LOCAL, CAUSE.LOCAL, CAUSE.LOCAL, CAUSE.RATE_LIMITED]);
});

test("a question that can't be rewritten, and one that has no name but a cookie", () => {
  const note = newAnswerNote();
  const query = writeQuery({ name: "a.z.", ...A });
  closed.answerFailure(query, 0, query.length, Buffer.alloc(1232), 0, new KnownClient("udp"), note);
  expect(note).toEqual({ cause: CAUSE.REWRITE, rcode: 2, ede: -1 });
  const opt = Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  const cookie = Buffer.concat([writeHeader(1, 0, 0, 0, 0, 1), opt]);
  expect(noteOf(closed, cookie)).toEqual({ cause: CAUSE.COOKIE, rcode: 0, ede: -1 });
});

test("nothing is noted of a query that is handed over", () => {
  expect(noteOf(answerer, writeQuery({ name: "b.up.test.", ...A }), 10)).toEqual(newAnswerNote());
});
