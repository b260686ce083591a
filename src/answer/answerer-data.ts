// Builds the answerer of a thread from shared memory and plain values that were posted to the thread.
// The thread's reader follows the compiled zones from buffer to buffer.
import { TableReader } from "../table/reader.ts";
import { Counters } from "./counters.ts";
import { QueryAnswerer } from "./query-answerer.ts";
import type { AnswerSettings } from "./answer-settings.ts";

/** Posted to a thread that answers UDP queries. */
export interface AnswererData {
  readonly table: SharedArrayBuffer;
  readonly settings: AnswerSettings;
  readonly seed: number;
  /** The memory of its `Counters`. */
  readonly counters: SharedArrayBuffer;
}

/** An answerer, and those of its parts that the thread uses. */
export interface BuiltAnswerer {
  readonly answerer: QueryAnswerer;
  readonly reader: TableReader;
  readonly counters: Counters;
}

export function buildAnswerer({ table, settings, seed, counters: memory }: AnswererData): BuiltAnswerer {
  const reader = new TableReader(table);
  const counters = new Counters(memory);
  const answerer = new QueryAnswerer(reader, settings, seed, { udp: counters, stream: counters });
  return { answerer, reader, counters };
}
