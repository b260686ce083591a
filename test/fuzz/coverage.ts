// Which source text of the project has run, in this thread: V8's precise coverage by block, through node:inspector.
// Only code that is loaded after the start counts. No files are read or written.
import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";

/** For one script, by its URL: bit 0: the character belongs to a function; bit 1: it has run. */
export type Reached = Map<string, Uint8Array>;

const KNOWN = 1;
const RAN = 2;

export class Coverage {
  readonly #session = new Session();
  readonly #watched: string;

  /** Watches the scripts whose URL begins with `watched`. */
  constructor(watched: string) {
    this.#watched = watched;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** What has run since the last call. */
  take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] | undefined;
    this.#session.post("Profiler.takePreciseCoverage", (error, { result }) => {
      if (error !== null) throw error;
      taken = result;
    });
    if (taken === undefined) throw new Error("the inspector did not answer at once");
    return taken.filter(({ url }) => url.startsWith(this.#watched));
  }

  stop(): void {
    this.#session.disconnect();
  }
}

/** Adds what has run to `reached`. */
export function addReached(reached: Reached, scripts: readonly Profiler.ScriptCoverage[]): void {
  for (const { url, functions } of scripts) {
    const now = paint(functions);
    const before = reached.get(url) ?? new Uint8Array(0);
    const marks = before.length >= now.length ? before : new Uint8Array(now.length);
    if (marks !== before) marks.set(before);
    for (let i = 0; i < now.length; i++) marks[i]! |= now[i]!;
    reached.set(url, marks);
  }
}

/** Whether `scripts` have anything that is not in `reached`, which stays as it is. */
export function hasNew(reached: Reached, scripts: readonly Profiler.ScriptCoverage[]): boolean {
  return scripts.some(({ url, functions }) => {
    const marks = reached.get(url) ?? new Uint8Array(0);
    return paint(functions).some((mark, i) => (mark & ~(marks[i] ?? 0) & RAN) !== 0);
  });
}

/** Marks by character: a range within another one says more than that. */
function paint(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  // A script's own code, which ran when it was loaded, is a function without a name that begins with it.
  const own = functions.filter(({ functionName, ranges }) => functionName !== "" || ranges[0]!.startOffset > 0);
  const ranges = own
    .flatMap((each) => each.ranges)
    .toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const marks = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of ranges)
    marks.fill(count > 0 ? KNOWN | RAN : KNOWN, startOffset, endOffset);
  return marks;
}

/** The share of a script's functions that has run, 0 to 1. */
export function shareReached(marks: Uint8Array): number {
  const known = marks.reduce((sum, mark) => sum + (mark & KNOWN), 0);
  return known === 0 ? 1 : marks.reduce((sum, mark) => sum + (mark >> 1), 0) / known;
}

/** The numbers of the lines, from 1, of `source` that have code in functions that never ran. */
export function linesNotReached(source: string, marks: Uint8Array): readonly number[] {
  const lines: number[] = [];
  let start = 0;
  for (const [index, line] of source.split("\n").entries()) {
    const code = line.replace(/\/\/.*|^\s*(\/?\*|\}).*/, "");
    for (let i = 0; i < code.length; i++) {
      if (code[i]!.trim() === "" || marks[start + i] !== KNOWN) continue;
      lines.push(index + 1);
      break;
    }
    start += line.length + 1;
  }
  return lines;
}
