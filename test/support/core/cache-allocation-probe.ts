// Run by test/answer/cache-answerer.test.ts in a process of its own, with --expose-gc and room for a young generation
// that nothing here fills: asks each kind of question that the cache answers, over and over, and prints what the heap
// grew by, as JSON.
import { PerformanceObserver } from "node:perf_hooks";
import { KnownClient } from "../../../src/answer/client.ts";
import type { ClientTransport } from "../../../src/answer/client.ts";
import { newCookieMemory } from "../../../src/answer/cookies.ts";
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import { writeQuery } from "../wire.ts";
import type { Query } from "../wire.ts";
import type { ProbedKind } from "./allocation-probe.ts";
import { content, key, newCache, record, soaOf } from "./cached.ts";
import { newTable, records } from "./table.ts";

const WARM_UP_QUERIES = 30_000;
const QUERIES = 100_000;
/** V8 may compile in the background while one round is measured; its heap is the same one. */
const ROUNDS = 3;

const { cache, writer, clock, pass } = newCache();
const table = newTable();
table.put("z.", [records("NS", ["ns.z."])]);
table.writer.setReady(true);
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
for (let i = 0; i < 7; i++) cache.storeFailure(key("dead.up.test."), 2, 23);
pass(5);

const OPTIONS = Buffer.from([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
const KINDS: readonly (readonly [what: string, query: Query, transport?: ClientTransport])[] = [
  ["A", { name: "a.up.test.", type: "A" }],
  ["A with EDNS and options", { name: "A.up.test.", type: "A", opt: { size: 1232, options: OPTIONS } }],
  ["a chain", { name: "chain.up.test.", type: "A" }],
  ["truncated", { name: "many.up.test.", type: "A" }],
  ["NXDOMAIN", { name: "none.up.test.", type: "A" }],
  ["a failure", { name: "dead.up.test.", type: "A", opt: { size: 1232 } }],
  ["over TCP", { name: "many.up.test.", type: "A" }, "tcp"],
  ["handed over: not at hand", { name: "new.up.test.", type: "A" }],
  ["handed over: past its time", { name: "old.up.test.", type: "A" }],
];

const reply = Buffer.alloc(65_535);
const collected: number[] = [];
new PerformanceObserver((list) => collected.push(...list.getEntries().map(({ startTime }) => startTime))).observe({
  entryTypes: ["gc"],
});

function askMany(query: Uint8Array, transport: ClientTransport, count: number): number {
  let size = 0;
  const client = new KnownClient(transport, Uint8Array.of(10, 244, 0, 1));
  for (let i = 0; i < count; i++) size = answerer.answer(query, 0, query.length, reply, 0, client);
  return size;
}

const collectGarbage = (globalThis as unknown as { gc(): void }).gc;

async function probe(what: string, query: Uint8Array, transport: ClientTransport): Promise<ProbedKind> {
  let best: ProbedKind | undefined;
  for (let round = 0; round < ROUNDS && !(best !== undefined && best.bytesPerQuery < 0.1); round++) {
    collectGarbage();
    const startedAtMs = performance.now();
    const before = process.memoryUsage().heapUsed;
    const replySize = askMany(query, transport, QUERIES);
    const grown = process.memoryUsage().heapUsed - before;
    const endedAtMs = performance.now();
    // The observer is told in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const collections = collected.filter((atMs) => atMs >= startedAtMs && atMs <= endedAtMs).length;
    const bytesPerQuery = grown / QUERIES;
    if (best !== undefined && best.collections === 0 && best.bytesPerQuery <= bytesPerQuery) continue;
    const answered = replySize > 0;
    const truncated = answered && (reply[2]! & 2) !== 0;
    best = { what, replySize, rcode: answered ? reply[3]! & 15 : -1, truncated, bytesPerQuery, collections };
  }
  return best!;
}

const queries = KINDS.map(([what, query, transport = "udp"]) => ({ what, transport, bytes: writeQuery(query) }));
// All kinds first, so that code is compiled for all of them once.
for (let turn = 0; turn < 2; turn++)
  for (const { bytes, transport } of queries) askMany(bytes, transport, WARM_UP_QUERIES / queries.length);
for (const { bytes, transport } of queries) askMany(bytes, transport, 2_000);
const kinds: ProbedKind[] = [];
for (const { what, bytes, transport } of queries) kinds.push(await probe(what, bytes, transport));
process.stdout.write(JSON.stringify(kinds));
