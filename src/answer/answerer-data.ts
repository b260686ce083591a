// Builds the answerer of a thread from shared memory and plain values that were posted to the thread.
// The thread's reader follows the compiled zones from buffer to buffer.
import { TableReader } from "../table/reader.ts";
import { HAND_OVER } from "./answerer.ts";
import type { Answerer } from "./answerer.ts";
import { Counters } from "./counters.ts";
import type { AnswerCounters } from "./counters.ts";
import { QueryAnswerer } from "./query-answerer.ts";
import { RewritingAnswerer } from "./rewriting-answerer.ts";
import type { AnswerSettings } from "./answer-settings.ts";

/** Posted to a thread that answers UDP queries. */
export interface AnswererData {
  readonly table: SharedArrayBuffer;
  readonly settings: AnswerSettings;
  readonly seed: number;
  /** The number of the listener whose queries it answers, and the memory of its `Counters`. */
  readonly listener: number;
  readonly counters: SharedArrayBuffer;
  /** The main thread answers every query. */
  readonly handsOverAll: boolean;
}

/** An answerer, and those of its parts that the thread uses. */
export interface BuiltAnswerer {
  readonly answerer: Answerer;
  readonly reader: TableReader;
  readonly counters: Counters;
}

const HANDS_OVER_ALL: Answerer = { answer: () => HAND_OVER };

export function buildAnswerer(data: AnswererData): BuiltAnswerer {
  const { settings, seed } = data;
  const reader = new TableReader(data.table);
  const counters = new Counters(data.counters);
  if (data.handsOverAll) return { answerer: HANDS_OVER_ALL, reader, counters };
  const blocks: AnswerCounters[] = [];
  blocks[data.listener] = { udp: counters, stream: counters };
  const own = new QueryAnswerer(reader, settings, seed, blocks);
  const answerer = settings.rewriteRules === undefined ? own : new RewritingAnswerer(settings, own, own);
  return { answerer, reader, counters };
}
