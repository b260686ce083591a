// Run by test/answer/cache-answerer.test.ts in its own process, with --expose-gc and a young generation too large to fill:
// asks each kind of question that the cache answers repeatedly, and prints the heap growth as JSON.
import { newCookieMemory } from "../../../src/answer/cookies.ts";
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import { content, key, newCache, record, soaOf } from "./cached.ts";
import { printAllocations } from "./measure-allocation.ts";
import type { Kind } from "./measure-allocation.ts";
import { encodeEntry } from "../../../src/compile/encode-entry.ts";
import { newTable, records, wire } from "./table.ts";

const { cache, writer, clock, pass } = newCache();
const table = newTable();
table.put("z.", [records("NS", ["ns.z."])]);
table.put("a.z.", [records("A", ["10.0.0.1"])]);
const times = { refreshSeconds: 1, retrySeconds: 1, expireSeconds: 1, minimumSeconds: 1 };
table.writer.setZoneSoa(1, { ttlSeconds: 1, negativeTtlSeconds: 1, ...times, mname: wire("z."), rname: wire("z.") });
table.writer.setZoneReady(1, false);
table.writer.put(
  wire("late."),
  encodeEntry({ name: wire("late."), sets: [] }, { apexSize: wire("late.").length, zone: 1, kind: 0 }),
);
table.writer.setZonesKnown(true);
const cookies = newCookieMemory();
const settings = { ednsSize: 1232, recursion: true, cache: writer.memory, clock: clock.memory, cookies };
const answerer = new QueryAnswerer(table.reader, settings, 12_345);

cache.store(key("old.up.test."), content([record("old.up.test.", 1, "A", "192.0.2.1")]));
pass(5);
cache.store(key("a.up.test."), content([record("a.up.test.", 600, "A", "192.0.2.1")]));
cache.store(
  key("chain.up.test."),
  content([record("chain.up.test.", 600, "CNAME", "b.up.test."), record("b.up.test.", 600, "A", "192.0.2.1")]),
);
const many = Array.from({ length: 100 }, (_, i) => record("many.up.test.", 600, "A", `10.0.0.${i}`));
cache.store(key("many.up.test."), content(many));
cache.store(key("none.up.test."), content([], { rcode: 3, authority: [soaOf("up.test.", 300, 300)] }));
pass(5);
for (let i = 0; i < 7; i++) cache.storeFailure(key("dead.up.test."), content([], { rcode: 2, ede: 23 }));
pass(3);

const OPTIONS = Buffer.from([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
const KINDS: readonly Kind[] = [
  ["A", { name: "a.up.test.", type: "A" }],
  ["A with EDNS and options", { name: "A.up.test.", type: "A", opt: { size: 1232, options: OPTIONS } }],
  ["a chain", { name: "chain.up.test.", type: "A" }],
  ["truncated", { name: "many.up.test.", type: "A" }],
  ["NXDOMAIN", { name: "none.up.test.", type: "A" }],
  ["a failure", { name: "dead.up.test.", type: "A", opt: { size: 1232 } }],
  ["over TCP", { name: "many.up.test.", type: "A" }, "tcp"],
  ["A of a zone", { name: "a.z.", type: "A", opt: { size: 1232, options: OPTIONS } }],
  ["NXDOMAIN of a zone", { name: "none.z.", type: "A" }],
  ["SERVFAIL of a zone that is not ready", { name: "a.late.", type: "A", opt: { size: 1232 } }],
  ["handed over: not at hand", { name: "new.up.test.", type: "A" }],
  ["handed over: past its time", { name: "old.up.test.", type: "A" }],
];

await printAllocations(answerer, KINDS, { warmUpQueries: 30_000, queries: 100_000 });
