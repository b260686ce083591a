// The answerer between the server's own and its clients: puts overrides in place, and notes what was asked and what
// was answered.
import { CAUSE } from "../answer/answer-note.ts";
import type { AnswerNote } from "../answer/answer-note.ts";
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import type { Overrides } from "./overrides.ts";
import { readQuestion } from "./question-log.ts";
import type { QuestionLog } from "./question-log.ts";

export class WatchedAnswerer implements LateAnswerer {
  readonly #own: LateAnswerer;
  readonly #overrides: Overrides;
  readonly #log: QuestionLog | undefined;

  /** `log` undefined: nothing is noted. */
  constructor(own: LateAnswerer, overrides: Overrides, log: QuestionLog | undefined) {
    this.#own = own;
    this.#overrides = overrides;
    this.#log = log;
  }

  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note?: AnswerNote,
  ): number {
    const message = query.subarray(start, end);
    const question = readQuestion(message);
    if (question !== undefined && this.#overrides.has(question)) return HAND_OVER;
    const size = this.#own.answer(query, start, end, reply, replyStart, client, note);
    if (question !== undefined && size !== HAND_OVER)
      this.#log?.add(message, question, reply.subarray(replyStart, replyStart + size), client);
    return size;
  }

  async answerLate(query: Uint8Array, client: Client, note?: AnswerNote): Promise<Uint8Array> {
    const question = readQuestion(query);
    const own = (asked: Uint8Array): Promise<Uint8Array> => this.#answerOwn(asked, client, note);
    if (question === undefined) return own(query);
    if (note !== undefined) note.cause = CAUSE.OVERRIDE;
    const reply = await this.#overrides.answer(query, question, client.transport, own);
    this.#log?.add(query, question, reply, client);
    return reply;
  }

  /** The server's own answer, whether it needs upstreams or not: threads hand over every query. */
  async #answerOwn(query: Uint8Array, client: Client, note: AnswerNote | undefined): Promise<Uint8Array> {
    const reply = new Uint8Array(MESSAGE_SIZE_MAX);
    const size = this.#own.answer(query, 0, query.length, reply, 0, client, note);
    return size === HAND_OVER ? this.#own.answerLate(query, client, note) : reply.slice(0, size);
  }
}
