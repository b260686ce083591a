// Measures heap growth while the same questions are asked repeatedly. Runs in its own process with --expose-gc and a young
// generation too large to fill.
import { PerformanceObserver } from "node:perf_hooks";
import { KnownClient } from "../../../src/answer/client.ts";
import type { ClientTransport } from "../../../src/answer/client.ts";
import type { Answerer } from "../../../src/answer/answerer.ts";
import { writeQuery } from "../wire.ts";
import type { Query } from "../wire.ts";

/** A kind of question; over UDP unless told. */
export type Kind = readonly [what: string, query: Query, transport?: ClientTransport];

/** What was measured of one kind. */
export interface ProbedKind {
  readonly what: string;
  /** The reply's, or -1: handed over. */
  readonly replySize: number;
  readonly rcode: number;
  readonly truncated: boolean;
  readonly bytesPerQuery: number;
  /** Collections of garbage in the measured round: with any, the bytes mean nothing. */
  readonly collections: number;
}

export interface ProbeCounts {
  /** Of all kinds together, twice. */
  readonly warmUpQueries: number;
  /** Of one kind, in a measured round. */
  readonly queries: number;
}

/** V8 may compile in the background while rounds are measured, longer on a busy machine; its heap is the same one. */
const ROUNDS_MAX = 10;
/** Less than any object takes: no further round can show that there is none. */
const NOTHING_BYTES = 0.5;

const reply = Buffer.alloc(65_535);
const collected: number[] = [];
new PerformanceObserver((list) => collected.push(...list.getEntries().map(({ startTime }) => startTime))).observe({
  entryTypes: ["gc"],
});

function askMany(answerer: Answerer, query: Uint8Array, transport: ClientTransport, count: number): number {
  let size = 0;
  const client = new KnownClient(transport, Uint8Array.of(10, 244, 0, 1));
  for (let i = 0; i < count; i++) size = answerer.answer(query, 0, query.length, reply, 0, client);
  return size;
}

const collectGarbage = (globalThis as unknown as { gc(): void }).gc;

async function probe(
  answerer: Answerer,
  what: string,
  query: Uint8Array,
  transport: ClientTransport,
  queryCount: number,
): Promise<ProbedKind> {
  let best: ProbedKind | undefined;
  for (let round = 0; round < ROUNDS_MAX && !(best !== undefined && isNothing(best)); round++) {
    collectGarbage();
    const startedAtMs = performance.now();
    const before = process.memoryUsage().heapUsed;
    const replySize = askMany(answerer, query, transport, queryCount);
    const grown = process.memoryUsage().heapUsed - before;
    const endedAtMs = performance.now();
    // The observer runs in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const collections = collected.filter((atMs) => atMs >= startedAtMs && atMs <= endedAtMs).length;
    const bytesPerQuery = grown / queryCount;
    if (best !== undefined && best.collections === 0 && best.bytesPerQuery <= bytesPerQuery) continue;
    const answered = replySize > 0;
    const truncated = answered && (reply[2]! & 2) !== 0;
    best = { what, replySize, rcode: answered ? reply[3]! & 15 : -1, truncated, bytesPerQuery, collections };
  }
  return best!;
}

function isNothing({ collections, bytesPerQuery }: ProbedKind): boolean {
  return collections === 0 && bytesPerQuery < NOTHING_BYTES;
}

/** Asks each of `kinds`, and prints a ProbedKind for each as JSON. */
export async function printAllocations(
  answerer: Answerer,
  kinds: readonly Kind[],
  { warmUpQueries, queries: queryCount }: ProbeCounts,
): Promise<void> {
  const queries = kinds.map(([what, query, transport = "udp"]) => ({ what, transport, bytes: writeQuery(query) }));
  // All kinds first, so that code is compiled for all of them once.
  for (let turn = 0; turn < 2; turn++)
    for (const { bytes, transport } of queries) askMany(answerer, bytes, transport, warmUpQueries / queries.length);
  for (const { bytes, transport } of queries) askMany(answerer, bytes, transport, 2_000);
  const probed: ProbedKind[] = [];
  for (const { what, bytes, transport } of queries)
    probed.push(await probe(answerer, what, bytes, transport, queryCount));
  process.stdout.write(JSON.stringify(probed));
}
