// Counts the answers of a data plane thread in shared memory: one block for each thread, listener and transport, which
// that thread alone writes; any thread may copy it. No lock, no allocation. Counts are doubles: exact up to 2^53.
// One increment counts an answer by what it was answered by, its type and its rcode; answer-counts.ts makes sums of it.
import { RCODE } from "../dns/constants.ts";
import { RECORD_TYPES } from "../dns/record-types.ts";
import type { RecordType } from "../dns/record-types.ts";
import { assert } from "../std/assert.ts";
import { exponentialBounds, Histogram } from "../std/histogram.ts";
import { ANSWERED_BY_NAMES } from "./answered-by.ts";

/** The types that are counted by name; all other types share one count. */
const TYPES: readonly (readonly [name: string, row: RecordType])[] = Object.entries<RecordType>(RECORD_TYPES).filter(
  ([, { isCounted }]) => isCounted === true,
);
const OTHER = "other";
export const TYPE_NAMES: readonly string[] = [...TYPES.map(([name]) => name), OTHER];
export const RCODE_NAMES: readonly string[] = [...Object.keys(RCODE), OTHER];

/** Bytes. The bounds of CoreDNS, so that its dashboards see the same classes; and the default limit over UDP. */
export const SIZE_BOUNDS = [100, 200, 300, 400, 511, 1023, 1232, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3] as const;
/** Seconds, 2 µs to 8 s; from 250 µs on the bounds of CoreDNS. */
export const LATENCY_BOUNDS = exponentialBounds(0.00025 / 2 ** 7, 2, 23);

/** Where each part begins in a block. */
const ANSWERS = 0;
const TRUNCATED = ANSWERS + ANSWERED_BY_NAMES.length * TYPE_NAMES.length * RCODE_NAMES.length;
const LIMITED = TRUNCATED + 1;
const DNSSEC_OK = LIMITED + 1;
const QUERY_SIZES = DNSSEC_OK + 1;
const REPLY_SIZES = QUERY_SIZES + Histogram.sizeOf(SIZE_BOUNDS);
const LATENCIES = REPLY_SIZES + Histogram.sizeOf(SIZE_BOUNDS);
const BLOCK_SIZE = LATENCIES + Histogram.sizeOf(LATENCY_BOUNDS);
export const BLOCK = {
  ANSWERS,
  TRUNCATED,
  LIMITED,
  DNSSEC_OK,
  QUERY_SIZES,
  REPLY_SIZES,
  LATENCIES,
  SIZE: BLOCK_SIZE,
} as const;

const TYPE_STRIDE = RCODE_NAMES.length;
const PART_STRIDE = TYPE_NAMES.length * TYPE_STRIDE;
/** Type → its place within the answers of one part, for types below 256. */
const TYPE_PLACES = places(256, (type) => TYPES.findIndex(([, { code }]) => code === type), TYPE_NAMES, TYPE_STRIDE);
/** Rcode → its place within the answers of one type, for rcodes below 32. */
const RCODE_PLACES = places(32, (rcode) => Object.values<number>(RCODE).indexOf(rcode), RCODE_NAMES, 1);

function places(
  length: number,
  indexOf: (code: number) => number,
  names: readonly string[],
  stride: number,
): Uint16Array {
  return Uint16Array.from({ length }, (_, code) => {
    const index = indexOf(code);
    return (index === -1 ? names.length - 1 : index) * stride;
  });
}

assert(
  TYPES.every(([, { code }]) => code < TYPE_PLACES.length) &&
    Object.values<number>(RCODE).every((rcode) => rcode < RCODE_PLACES.length),
  "types and rcodes that are counted by name have a place",
);

/** One block of counters, and how its thread counts. */
export class Counters {
  /** For other threads: they construct a `Counters` on it to read it. */
  readonly memory: SharedArrayBuffer;
  readonly #block: Float64Array;
  readonly #querySizes: Histogram;
  readonly #replySizes: Histogram;
  readonly #latencies: Histogram;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(BLOCK_SIZE * 8)) {
    this.memory = memory;
    this.#block = new Float64Array(memory);
    this.#querySizes = new Histogram(SIZE_BOUNDS, this.#block.subarray(QUERY_SIZES, REPLY_SIZES));
    this.#replySizes = new Histogram(SIZE_BOUNDS, this.#block.subarray(REPLY_SIZES, LATENCIES));
    this.#latencies = new Histogram(LATENCY_BOUNDS, this.#block.subarray(LATENCIES, BLOCK_SIZE));
  }

  /** Counts one reply; `answeredBy`: of `ANSWERED_BY`; sizes in bytes. */
  count(answeredBy: number, type: number, rcode: number, querySize: number, replySize: number): void {
    const block = this.#block;
    const typePlace = type < 256 ? TYPE_PLACES[type]! : PART_STRIDE - TYPE_STRIDE;
    const rcodePlace = rcode < 32 ? RCODE_PLACES[rcode]! : TYPE_STRIDE - 1;
    const place = ANSWERS + answeredBy * PART_STRIDE + typePlace + rcodePlace;
    block[place] = block[place]! + 1;
    this.#querySizes.record(querySize);
    this.#replySizes.record(replySize);
  }

  /** Counts a reply that lacks records because they do not fit. */
  countTruncated(): void {
    this.#block[TRUNCATED] = this.#block[TRUNCATED]! + 1;
  }

  /** Counts a reply that was cut because the client is over its rate. */
  countLimited(): void {
    this.#block[LIMITED] = this.#block[LIMITED]! + 1;
  }

  /** Counts a query with the bit DO. */
  countDnssecOk(): void {
    this.#block[DNSSEC_OK] = this.#block[DNSSEC_OK]! + 1;
  }

  /** Counts `replies` that took `seconds` each. */
  countLatency(seconds: number, replies: number): void {
    this.#latencies.record(seconds, replies);
  }

  /** A copy of the block's numbers; `BLOCK` has its layout. */
  values(): Float64Array {
    return this.#block.slice();
  }
}

/** The blocks of one thread for the queries to one listener, by transport. */
export interface AnswerCounters {
  readonly udp: Counters;
  /** TCP, TLS or HTTPS: a listener has one of them. */
  readonly stream: Counters;
}

export function newCounters(): AnswerCounters {
  return { udp: new Counters(), stream: new Counters() };
}
