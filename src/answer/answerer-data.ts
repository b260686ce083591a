// What an answerer in another thread is built from: shared memory and plain values, as they are posted to it.
// The thread's own copy of the reader follows the compiled zone from buffer to buffer.
import { TableReader } from "../table/reader.ts";
import { Counters } from "./counters.ts";
import { QueryAnswerer } from "./query-answerer.ts";
import type { AnswerSettings } from "./answer-settings.ts";

/** Posted to a thread that is to answer UDP queries. */
export interface AnswererData {
  readonly table: SharedArrayBuffer;
  readonly settings: AnswerSettings;
  readonly seed: number;
  /** The memory of its `Counters`. */
  readonly counters: SharedArrayBuffer;
}

/** An answerer with the parts that its thread has to do with. */
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
