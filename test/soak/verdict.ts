// Whether what was sampled of a long run holds its limits: memory, descriptors, answer times and answers. Everything
// measured has noise, so a limit is missed only when it is missed by more than twice the standard error. Pure.

/** What one stretch of a run was like. */
export interface Stretch {
  /** Its end, hours since the start. */
  readonly hours: number;
  readonly sent: number;
  /** Answers that were never right, and SERVFAIL or REFUSED. */
  readonly wrong: number;
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The same of a program that answers at once: how quick the machine was. */
  readonly yardstickP99Ms: number;
  /** The least: memory grows until a collection of garbage. */
  readonly residentMegabytes: number;
  readonly descriptors: number;
  readonly watches: number;
  readonly threads: number;
}

/** A value with its standard error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

export interface Verdict {
  /** What is wrong, a line each. */
  readonly faults: readonly string[];
  readonly megabytesPerHour: Estimate;
  /** Of the p99, from the first third to the last, as a ratio to 1; `byYardstick`: in units of the yardstick's p99. */
  readonly drift: Estimate;
  readonly driftByYardstick: Estimate;
}

const MEGABYTES_PER_HOUR_MAX = 0.5;
const DRIFT_MAX = 1.1;
/** Loss of datagrams on a busy machine is no fault of the server. */
const LOST_SHARE_MAX = 0.001;
/** The first part of a run, in which code is compiled, and heaps and caches find their size; the longer of these. */
const WARM_UP = { share: 0.2, hours: 1 / 60 } as const;
/** A stretch ends a little later than it should. */
const HOURS_SLACK = 1 / 3600;
/** Descriptors, watches and threads come and go with questions and files under way. */
const COUNT_SLACK = { least: 3, share: 0.05 } as const;
/** Standard errors that an estimate must be beyond its limit. */
const CONFIDENCE = 2;

/** Judges a run; `stretches` in their order, of equal length. */
export function judge(stretches: readonly Stretch[]): Verdict {
  const warmUpHours = Math.max((stretches.at(-1)?.hours ?? 0) * WARM_UP.share, WARM_UP.hours);
  const warm = stretches.filter(({ hours }) => hours > warmUpHours + HOURS_SLACK);
  const third = Math.floor(warm.length / 3);
  const [first, last] = [warm.slice(0, third), third === 0 ? [] : warm.slice(-third)];
  const megabytesPerHour = slopeOf(warm.map(({ hours, residentMegabytes }) => [hours, residentMegabytes]));
  const drift = ratioOf(first, last, ({ p99Ms }) => p99Ms);
  const driftByYardstick = ratioOf(first, last, ({ p99Ms, yardstickP99Ms }) => p99Ms / yardstickP99Ms);
  const faults = judgeAnswers(stretches);
  if (isBeyond(megabytesPerHour, MEGABYTES_PER_HOUR_MAX))
    faults.push(`resident memory grows by ${format(megabytesPerHour)} MB/h, at most ${MEGABYTES_PER_HOUR_MAX}`);
  for (const count of ["descriptors", "watches", "threads"] as const) {
    const [before, after] = [first, last].map((part) => medianOf(part.map((each) => each[count])));
    if (after! - before! > Math.max(COUNT_SLACK.least, before! * COUNT_SLACK.share))
      faults.push(`${count} grow from ${before} to ${after}`);
  }
  // A machine that becomes slower slows down the yardstick too.
  if (isBeyond(drift, DRIFT_MAX) && isBeyond(driftByYardstick, DRIFT_MAX))
    faults.push(`the p99 drifts to ${format(drift)} times, by the yardstick ${format(driftByYardstick)}`);
  return { faults, megabytesPerHour, drift, driftByYardstick };
}

function judgeAnswers(stretches: readonly Stretch[]): string[] {
  const sum = (value: (stretch: Stretch) => number): number =>
    stretches.reduce((total, each) => total + value(each), 0);
  const [sent, wrong, lost] = [sum((each) => each.sent), sum((each) => each.wrong), sum((each) => each.lost)];
  const faults: string[] = [];
  if (sent === 0) faults.push("nothing was asked");
  if (wrong > 0) faults.push(`${wrong} of ${sent} answers are wrong`);
  if (lost > sent * LOST_SHARE_MAX) faults.push(`${lost} of ${sent} questions are lost`);
  return faults;
}

/** The slope of a line through points by least squares; without three points the error is infinite. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Estimate {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const value = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - value * (x - meanX)) ** 2, 0);
  return n < 3 ? { value: n < 2 ? 0 : value, error: Infinity } : { value, error: Math.sqrt(rest / (n - 2) / squares) };
}

/** The ratio of two parts' geometric means; without two stretches in each the error is infinite. */
function ratioOf(first: readonly Stretch[], last: readonly Stretch[], value: (stretch: Stretch) => number): Estimate {
  if (first.length < 2 || last.length < 2) return { value: 1, error: Infinity };
  const [before, after] = [first, last].map((part) => meanOf(part.map((each) => Math.log(value(each)))));
  const ratio = Math.exp(after!.value - before!.value);
  return { value: ratio, error: ratio * Math.hypot(before!.error, after!.error) };
}

function meanOf(values: readonly number[]): Estimate {
  const n = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / n;
  const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
  return { value, error: Math.sqrt(squares / (n - 1) / n) };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function isBeyond({ value, error }: Estimate, limit: number): boolean {
  return value - CONFIDENCE * error > limit;
}

function format({ value, error }: Estimate): string {
  return `${value.toFixed(2)} ± ${error.toFixed(2)}`;
}
