// Counts the answers of a data plane thread in shared memory: one block for each thread and transport, written by that
// thread alone; any thread may read and sum them. No lock, no allocation. Counts are doubles: exact up to 2^53.
import { RCODE, TYPE } from "../dns/constants.ts";

/** The types that are counted by name; all other types share one count. */
const TYPES: readonly (readonly [name: string, type: number])[] = [
  ["A", TYPE.A],
  ["AAAA", TYPE.AAAA],
  ["SRV", TYPE.SRV],
  ["PTR", TYPE.PTR],
  ["TXT", TYPE.TXT],
  ["CNAME", TYPE.CNAME],
  ["NS", TYPE.NS],
  ["SOA", TYPE.SOA],
  ["MX", TYPE.MX],
  ["HTTPS", 65],
  ["ANY", TYPE.ANY],
];
const RCODE_NAMES: readonly string[] = Object.keys(RCODE).slice(0, 6);
/** Upper bounds of the classes, bytes and microseconds; the last class has none. */
const SIZE_CLASSES = [64, 128, 256, 512, 1232, 4096] as const;
const LATENCY_CLASSES = [5, 10, 20, 50, 100, 200, 500, 1000, 5000] as const;

// Where each group begins in a block.
const TYPE_AT = 0;
const RCODE_AT = TYPE_AT + TYPES.length + 1;
const SIZE_AT = RCODE_AT + RCODE_NAMES.length + 1;
const LATENCY_AT = SIZE_AT + SIZE_CLASSES.length + 1;
const TRUNCATED_AT = LATENCY_AT + LATENCY_CLASSES.length + 1;
const BLOCK_SIZE = TRUNCATED_AT + 1;

/** Type → its place in a block, for types below 256. */
const TYPE_PLACES = Uint8Array.from({ length: 256 }, (_, type) => {
  const known = TYPES.findIndex(([, number]) => number === type);
  return TYPE_AT + (known === -1 ? TYPES.length : known);
});

/** Numbers of answers by several properties; by latency only a sample of them. */
export interface Counts {
  readonly byType: Readonly<Record<string, number>>;
  readonly byRcode: Readonly<Record<string, number>>;
  /** Keys `<=64` to `>4096`, bytes of the reply. */
  readonly bySize: Readonly<Record<string, number>>;
  /** Keys `<=5` to `>5000`, microseconds from the query's arrival in this process to the reply's leaving. */
  readonly byLatency: Readonly<Record<string, number>>;
  readonly byTransport: { readonly udp: number; readonly stream: number };
  readonly truncated: number;
  readonly total: number;
}

/** One block of counters, and how its thread counts. */
export class Counters {
  /** For other threads: they construct a `Counters` on it to read it. */
  readonly memory: SharedArrayBuffer;
  readonly #block: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(BLOCK_SIZE * 8)) {
    this.memory = memory;
    this.#block = new Float64Array(memory);
  }

  /** Counts one reply. */
  count(type: number, rcode: number, size: number, truncated: boolean): void {
    const block = this.#block;
    const place = type < 256 ? TYPE_PLACES[type]! : TYPE_AT + TYPES.length;
    block[place] = block[place]! + 1;
    const rcodePlace = RCODE_AT + (rcode < RCODE_NAMES.length ? rcode : RCODE_NAMES.length);
    block[rcodePlace] = block[rcodePlace]! + 1;
    let sizeClass = 0;
    while (sizeClass < SIZE_CLASSES.length && size > SIZE_CLASSES[sizeClass]!) sizeClass++;
    block[SIZE_AT + sizeClass] = block[SIZE_AT + sizeClass]! + 1;
    if (truncated) block[TRUNCATED_AT] = block[TRUNCATED_AT]! + 1;
  }

  /** Counts `replies` that took at most `us` microseconds each. */
  countLatency(us: number, replies: number): void {
    let latencyClass = 0;
    while (latencyClass < LATENCY_CLASSES.length && us > LATENCY_CLASSES[latencyClass]!) latencyClass++;
    this.#block[LATENCY_AT + latencyClass] = this.#block[LATENCY_AT + latencyClass]! + replies;
  }

  /** A copy of the block's numbers. */
  values(): Float64Array {
    return this.#block.slice();
  }
}

/** The blocks of one thread, by transport. */
export interface AnswerCounters {
  readonly udp: Counters;
  readonly stream: Counters;
}

export function newCounters(): AnswerCounters {
  return { udp: new Counters(), stream: new Counters() };
}

/** The sum of all blocks of both transports, by name. */
export function sumCounters(udp: Iterable<Counters>, stream: Iterable<Counters>): Counts {
  const sums = [udp, stream].map(sumBlocks) as [Float64Array, Float64Array];
  const sum = sums[0].map((value, i) => value + sums[1][i]!);
  const group = (at: number, names: readonly string[]): Record<string, number> =>
    Object.fromEntries(names.map((name, i) => [name, sum[at + i]!]));
  const total = (block: Float64Array): number =>
    block.subarray(RCODE_AT, SIZE_AT).reduce((all, count) => all + count, 0);
  return {
    byType: group(TYPE_AT, [...TYPES.map(([name]) => name), "other"]),
    byRcode: group(RCODE_AT, [...RCODE_NAMES, "other"]),
    bySize: group(SIZE_AT, classNames(SIZE_CLASSES)),
    byLatency: group(LATENCY_AT, classNames(LATENCY_CLASSES)),
    byTransport: { udp: total(sums[0]), stream: total(sums[1]) },
    truncated: sum[TRUNCATED_AT]!,
    total: total(sum),
  };
}

function sumBlocks(blocks: Iterable<Counters>): Float64Array {
  const sum = new Float64Array(BLOCK_SIZE);
  for (const block of blocks) block.values().forEach((value, i) => (sum[i] = sum[i]! + value));
  return sum;
}

function classNames(ends: readonly number[]): readonly string[] {
  return [...ends.map((end) => `<=${end}`), `>${ends.at(-1)}`];
}
