// Shared by the writer and the readers of the table's torture test. Each name has a version that rises with every change;
// its records follow from the version alone.
import type { EntryContent } from "../../../src/table/entry.ts";

/** Names that are always there: `sI.z.`; their content changes. */
export const STEADY_COUNT = 1_500;
/** Names that come and go, `x.pI.z.`, and with each an empty non-terminal, `pI.z.`: there at even versions. */
const CHURN_COUNT = 1_500;
export const NAME_COUNT = STEADY_COUNT + CHURN_COUNT;
export const APEX = Uint8Array.from([1, 0x7a, 0]);

/** Words of the memory that the writer and its readers share. */
export const SHARED = {
  STOP: 0,
  /** Changes when a new buffer was posted. */
  POSTED: 1,
  /** The zone's serial is between these two. */
  SERIAL_DONE: 2,
  SERIAL_STARTED: 3,
  /** How many readers have seen more than `SEEN_MIN`. */
  SATISFIED: 4,
  /** For each name the version that is surely published, and the one that may be. */
  DONE: 5,
  STARTED: 5 + NAME_COUNT,
  WORDS: 5 + 2 * NAME_COUNT,
} as const;

/** What each reader has to see more of before the writer stops, so that all that can go wrong has its chance. */
export const SEEN_MIN = { answers: 5_000, contested: 0, buffers: 5 } as const;

/** What a reader's thread is started with. */
export interface ReaderData {
  readonly table: SharedArrayBuffer;
  readonly shared: Int32Array;
  readonly seed: number;
}

/** What a reader has seen. */
export interface ReaderReport {
  readonly answers: number;
  /** Answers to names that were being changed. */
  readonly contested: number;
  readonly buffers: number;
}

/** The wire form of dotted labels, with the root's. */
export function wireName(...labels: readonly string[]): Uint8Array {
  return Uint8Array.from([...labels.flatMap((label) => [label.length, ...Buffer.from(label)]), 0]);
}

/** The name that version `versions[i]` is about. */
export function nameOf(i: number): Uint8Array {
  return i < STEADY_COUNT ? wireName(`s${i}`, "z") : wireName("x", `p${i}`, "z");
}

/** How many addresses a name has at a version; each of them is the version. Versions beside each other often agree. */
export function addressCount(version: number): number {
  return 1 + (Math.floor(version / 3) % 7);
}

/** What a name holds at a version: an A set. */
export function contentOf(version: number): EntryContent {
  const answerCount = addressCount(version);
  const answers = Buffer.alloc(16 * answerCount);
  for (let at = 0; at < answers.length; at += 16) {
    answers.set([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4], at);
    answers.writeInt32BE(version, at + 12);
  }
  const set = { type: 1, stride: 16, answerCount, answers, additionalCount: 0, additional: new Uint8Array(0) };
  return { flags: 0, apexSize: APEX.length, zone: 0, kind: 0, sets: [set] };
}
