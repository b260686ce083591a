// The zones' part of the answer path by itself, as an `Answerer`: what they do not answer is handed over.
import type { AnswerSettings } from "../../../src/answer/answer-settings.ts";
import { HAND_OVER } from "../../../src/answer/answerer.ts";
import type { Answerer } from "../../../src/answer/answerer.ts";
import { OUTCOME, QueryContext } from "../../../src/answer/query-context.ts";
import type { Outcome } from "../../../src/answer/query-context.ts";
import { ZoneAnswerer } from "../../../src/answer/zone-answerer.ts";
import type { TableReader } from "../../../src/table/reader.ts";

export class ZonesOnly implements Answerer {
  /** Of the query asked last. */
  outcome: Outcome = OUTCOME.SILENCE;
  readonly #context: QueryContext;
  readonly #zones: ZoneAnswerer;

  constructor(reader: TableReader, settings: AnswerSettings, seed: number) {
    this.#context = new QueryContext(settings);
    this.#zones = new ZoneAnswerer(reader, settings.recursion, seed);
  }

  answer(...[query, start, end, reply, replyStart, client]: Parameters<Answerer["answer"]>): number {
    const context = this.#context;
    context.begin(query, start, end, reply, replyStart, client);
    this.outcome = context.isQuery ? OUTCOME.NOT_PLAIN : OUTCOME.SILENCE;
    if (context.isQuery && context.readPlain()) this.outcome = this.#zones.answer(context);
    if (this.outcome === OUTCOME.ANSWERED) return context.reply.at;
    return this.outcome === OUTCOME.SILENCE ? 0 : HAND_OVER;
  }
}
