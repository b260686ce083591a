// Where an answer comes from, as counters and the log name it.
import { expect, test } from "vitest";
import { ANSWERED_BY, ANSWERED_BY_NAMES } from "../../src/answer/answered-by.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { QueryContext } from "../../src/answer/query-context.ts";
import { ZoneAnswerer } from "../../src/answer/zone-answerer.ts";
import { encodeEntry } from "../../src/compile/encode-entry.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../../src/table/layout.ts";
import { newTable, records, wire } from "../support/core/table.ts";
import { writeQuery } from "../support/wire.ts";

test("each number has a name", () => {
  expect(Object.values(ANSWERED_BY)).toEqual(ANSWERED_BY_NAMES.map((_, i) => i));
});

const table = newTable();
table.writer.setZonesKnown(true);
function put(name: string, kind: number, sets: Parameters<typeof encodeEntry>[0]["sets"], flags = 0): void {
  const place = { apexSize: wire("z.").length, zone: 0, kind };
  table.writer.put(wire(name), encodeEntry({ name: wire(name), sets, flags }, place));
}
put("z.", ZONE_KIND.CLUSTER, [], ENTRY_FLAG.ADDRESS_LABELS);
put("web.z.", ZONE_KIND.CLUSTER, [records("A", ["10.0.0.1"])]);
put("1.z.", ZONE_KIND.REVERSE, [records("PTR", ["web.z."])]);
put("www.z.", ZONE_KIND.FILE, [records("CNAME", ["host.z."])], ENTRY_FLAG.WILDCARD);
put("*.www.z.", ZONE_KIND.FILE, [records("A", ["10.0.0.2"])]);
put("host.z.", ZONE_KIND.HOSTS, [records("A", ["10.0.0.3"])]);
put("localhost.z.", ZONE_KIND.SPECIAL, [records("A", ["127.0.0.1"])]);
put("away.z.", ZONE_KIND.CLUSTER, [records("CNAME", ["example.com."])]);
put("loop.z.", ZONE_KIND.FILE, [records("CNAME", ["loop.z."])]);

const answerer = new ZoneAnswerer(table.reader, false, 1);
const context = new QueryContext({ ednsSize: 1232, recursion: false });

function answeredBy(name: string, type = "A"): string {
  const query = writeQuery({ name, type });
  context.begin(query, 0, query.length, new Uint8Array(600), 0, new KnownClient("udp"));
  context.readPlain();
  answerer.answer(context);
  return ANSWERED_BY_NAMES[context.answeredBy]!;
}

test.each([
  ["a service", "web.z.", "A", "cluster"],
  ["a type that it lacks", "web.z.", "TXT", "cluster"],
  ["a name that does not exist", "no.web.z.", "A", "cluster"],
  ["a name that spells an address", "10-0-0-9.z.", "A", "cluster"],
  ["a reverse name", "1.z.", "PTR", "reverse"],
  ["a wildcard of a zone file", "any.www.z.", "A", "zone-file"],
  ["the end of a chain, not its start", "www.z.", "A", "hosts"],
  ["a special name", "localhost.z.", "A", "special"],
  ["the local part of a chain that leads out", "away.z.", "A", "cluster"],
  ["a loop", "loop.z.", "A", "zone-file"],
  ["a name outside", "example.com.", "A", "none"],
])("%s", (_, name, type, by) => {
  // A number of the query before must not stay.
  answeredBy("web.z.");
  expect(answeredBy(name, type)).toBe(by);
});

test("a zone that is not ready answers nothing, also at the end of a chain", () => {
  table.writer.setZoneReady(0, false);
  expect([answeredBy("web.z."), answeredBy("www.z.")]).toEqual(["none", "none"]);
  table.writer.setZoneReady(0, true);
  expect(answeredBy("web.z.")).toBe("cluster");
});
