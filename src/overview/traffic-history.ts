// Queries a second, response codes and latency over the last minutes, from counters that only grow. Fixed in size.
// Pure: whoever owns it samples the counters about once a second, and says when.

/** Counters since the start. */
export interface TrafficCounts {
  /** Answers by response code. */
  readonly byRcode: Readonly<Record<string, number>>;
  /** Answers by how long they took: the upper bound of a class in microseconds, and how many are in it. */
  readonly latency: readonly LatencyClass[];
}

export interface LatencyClass {
  /** `Infinity` for the last class. */
  readonly maxUs: number;
  readonly count: number;
}

/** Rates between two samples. */
export interface TrafficPoint {
  /** Monotonic time of the later sample, milliseconds. */
  readonly atMs: number;
  readonly perSecond: number;
  readonly byRcode: Readonly<Record<string, number>>;
}

/** The latency of answers of the last minute. */
export interface LatencySummary {
  readonly classes: readonly LatencyClass[];
  /** Upper bounds in microseconds: so many of a hundred answers took no longer. Undefined without answers. */
  readonly medianUs: number | undefined;
  readonly p99Us: number | undefined;
}

/** A latency for people: `7.81 µs`, `4 ms`, `8.19 s`. */
export function formatMicroseconds(us: number): string {
  const shown = (value: number): number => Number(value.toPrecision(3));
  if (us < 1_000) return `${shown(us)} µs`;
  return us < 1_000_000 ? `${shown(us / 1_000)} ms` : `${shown(us / 1_000_000)} s`;
}

/** Two minutes. */
export const POINTS_MAX = 120;
const LATENCY_POINTS = 60;

interface Sample extends TrafficCounts {
  readonly atMs: number;
}

export class TrafficHistory {
  /** One more than there are points: the oldest is what the first point is counted from. */
  readonly #samples: Sample[] = [];

  /** Takes the counters as they are at `nowMs` (monotonic). */
  sample(nowMs: number, { byRcode, latency }: TrafficCounts): void {
    const last = this.#samples.at(-1);
    // A rate needs time to have passed.
    if (last !== undefined && nowMs <= last.atMs) return;
    this.#samples.push({ atMs: nowMs, byRcode, latency });
    if (this.#samples.length > POINTS_MAX + 1) this.#samples.shift();
  }

  /** The oldest first. */
  points(): readonly TrafficPoint[] {
    return this.#samples.slice(1).map((sample, i) => pointBetween(this.#samples[i]!, sample));
  }

  latency(): LatencySummary {
    const last = this.#samples.at(-1);
    const first = this.#samples.at(-1 - LATENCY_POINTS) ?? this.#samples[0];
    const before = new Map(first?.latency.map(({ maxUs, count }) => [maxUs, count]));
    const classes = (last?.latency ?? []).map(({ maxUs, count }) => ({
      maxUs,
      count: count - (before.get(maxUs) ?? 0),
    }));
    return { classes, medianUs: quantile(classes, 0.5), p99Us: quantile(classes, 0.99) };
  }
}

function pointBetween(from: Sample, to: Sample): TrafficPoint {
  const seconds = (to.atMs - from.atMs) / 1_000;
  const rates = Object.entries(to.byRcode).map(
    ([rcode, count]) => [rcode, Math.max(0, count - (from.byRcode[rcode] ?? 0)) / seconds] as const,
  );
  return {
    atMs: to.atMs,
    perSecond: rates.reduce((sum, [, rate]) => sum + rate, 0),
    byRcode: Object.fromEntries(rates),
  };
}

/** The upper bound of the class in which this share of all answers is reached. */
function quantile(classes: readonly LatencyClass[], share: number): number | undefined {
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  let sum = 0;
  return classes.find(({ count }) => (sum += count) >= share * total)?.maxUs;
}
