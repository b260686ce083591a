// What the counters of the data plane's threads come to: sums of their blocks, by name.
// For the main thread, a few times a minute: it copies, and slows no thread down.
import { Histogram } from "../std/histogram.ts";
import type { HistogramCopy } from "../std/histogram.ts";
import { ANSWERED_BY, ANSWERED_BY_NAMES } from "./answered-by.ts";
import type { ClientTransport } from "./client.ts";
import { BLOCK, LATENCY_BOUNDS, RCODE_NAMES, SIZE_BOUNDS, TYPE_NAMES } from "./counters.ts";
import type { Counters } from "./counters.ts";
import type { Counts } from "./counts.ts";

/** How many answers had these properties. */
export interface AnswerCount {
  /** Of `ANSWERED_BY_NAMES`. */
  readonly answeredBy: string;
  /** Of the question, such as `A`; `other` for types that are not counted by name. */
  readonly type: string;
  readonly rcode: string;
  /** At least 1. */
  readonly count: number;
}

/** The sums of some blocks. */
export interface AnswerCounts {
  readonly answers: readonly AnswerCount[];
  /** Replies that lack records because these do not fit. */
  readonly truncated: number;
  /** Replies that were cut because the client was over its rate. */
  readonly limited: number;
  /** Queries with the bit DO. */
  readonly dnssecOk: number;
  /** Answers from the cache: `denials` say that a name or type does not exist, or that the upstreams fail. */
  readonly cacheHits: { readonly answers: number; readonly denials: number };
  /** Bytes. */
  readonly querySizes: HistogramCopy;
  readonly replySizes: HistogramCopy;
  /** Seconds. */
  readonly latencies: HistogramCopy;
}

const PART_STRIDE = TYPE_NAMES.length * RCODE_NAMES.length;

export function sumCounters(blocks: Iterable<Counters>): AnswerCounts {
  const sum = new Float64Array(BLOCK.SIZE);
  for (const block of blocks) {
    const values = block.values();
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
  }
  const answers = sum.subarray(BLOCK.ANSWERS, BLOCK.TRUNCATED);
  const totalOf = (part: number): number =>
    answers.subarray(part * PART_STRIDE, (part + 1) * PART_STRIDE).reduce((total, count) => total + count, 0);
  return {
    answers: answerCounts(answers),
    truncated: sum[BLOCK.TRUNCATED]!,
    limited: sum[BLOCK.LIMITED]!,
    dnssecOk: sum[BLOCK.DNSSEC_OK]!,
    cacheHits: { answers: totalOf(ANSWERED_BY.CACHE), denials: totalOf(ANSWERED_BY.CACHED_DENIAL) },
    querySizes: histogramCopy(SIZE_BOUNDS, sum.subarray(BLOCK.QUERY_SIZES, BLOCK.REPLY_SIZES)),
    replySizes: histogramCopy(SIZE_BOUNDS, sum.subarray(BLOCK.REPLY_SIZES, BLOCK.LATENCIES)),
    latencies: histogramCopy(LATENCY_BOUNDS, sum.subarray(BLOCK.LATENCIES, BLOCK.SIZE)),
  };
}

/** The counts that are not 0, by name; parts of one name are one. */
function answerCounts(answers: Float64Array): readonly AnswerCount[] {
  const merged = new Float64Array(answers.length);
  for (let i = 0; i < answers.length; i++) {
    const part = Math.floor(i / PART_STRIDE);
    const first = ANSWERED_BY_NAMES.indexOf(ANSWERED_BY_NAMES[part]!);
    merged[i - (part - first) * PART_STRIDE]! += answers[i]!;
  }
  const counts: AnswerCount[] = [];
  merged.forEach((count, i) => {
    if (count === 0) return;
    const answeredBy = ANSWERED_BY_NAMES[Math.floor(i / PART_STRIDE)]!;
    const type = TYPE_NAMES[Math.floor(i / RCODE_NAMES.length) % TYPE_NAMES.length]!;
    counts.push({ answeredBy, type, rcode: RCODE_NAMES[i % RCODE_NAMES.length]!, count });
  });
  return counts;
}

function histogramCopy(bounds: readonly number[], values: Float64Array): HistogramCopy {
  return new Histogram(bounds, values).copy();
}

/** What programs see: the sum over listeners and their transports. */
export function sumCounts(
  parts: readonly { readonly transport: ClientTransport; readonly counts: AnswerCounts }[],
): Counts {
  const byType: Record<string, number> = {};
  const byRcode: Record<string, number> = {};
  const answeredBy: Record<string, number> = {};
  const byTransport = { udp: 0, tcp: 0, tls: 0, https: 0 };
  let truncated = 0;
  let total = 0;
  for (const { transport, counts } of parts) {
    truncated += counts.truncated;
    for (const { type, rcode, count, ...answer } of counts.answers) {
      byType[type] = (byType[type] ?? 0) + count;
      byRcode[rcode] = (byRcode[rcode] ?? 0) + count;
      answeredBy[answer.answeredBy] = (answeredBy[answer.answeredBy] ?? 0) + count;
      byTransport[transport] += count;
      total += count;
    }
  }
  return { byType, byRcode, answeredBy, byTransport, truncated, total };
}
