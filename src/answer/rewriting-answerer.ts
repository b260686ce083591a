// Answerers that rewrite questions before another answerer sees them, and change the names of its replies back, as
// CoreDNS's `rewrite` does. Without a rule that matches, a query passes as it is. Built only where there are rules.
import { HEADER_SIZE, MESSAGE_SIZE_MAX, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import type { AnswerNote } from "./answer-note.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { HAND_OVER } from "./answerer.ts";
import type { Answerer, LateAnswerer } from "./answerer.ts";
import type { Client } from "./client.ts";
import type { QueryAnswerer } from "./query-answerer.ts";
import { QueryRewriter, REWRITE } from "./query-rewriter.ts";
import { ReplyRestorer } from "./reply-restorer.ts";

/** Answers what can't be rewritten. */
export type FailingAnswerer = Pick<QueryAnswerer, "answerFailure">;

/** The settings that rewriting needs. */
export type RewriteSettings = Pick<AnswerSettings, "ednsSize" | "rewriteRules">;

export class RewritingAnswerer<Inner extends Answerer = Answerer> implements Answerer {
  protected readonly inner: Inner;
  protected readonly rewriter: QueryRewriter;
  readonly #failing: FailingAnswerer;
  readonly #restorer: ReplyRestorer;
  readonly #ednsSize: number;
  /** The rewritten query, and the reply to it. */
  readonly #query = new Uint8Array(MESSAGE_SIZE_MAX + NAME_SIZE_MAX);
  readonly #reply = new Uint8Array(MESSAGE_SIZE_MAX);

  constructor({ rewriteRules = [], ednsSize }: RewriteSettings, inner: Inner, failing: FailingAnswerer) {
    this.inner = inner;
    this.rewriter = new QueryRewriter(rewriteRules);
    this.#failing = failing;
    this.#restorer = new ReplyRestorer(this.rewriter);
    this.#ednsSize = ednsSize;
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
    // Apart from the rest, so that it is small enough to be inlined.
    if (!this.rewriter.mayRewrite(query, start, end))
      return this.inner.answer(query, start, end, reply, replyStart, client, note);
    return this.#answerRewritten(query, start, end, reply, replyStart, client, note);
  }

  #answerRewritten(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note: AnswerNote | undefined,
  ): number {
    const outcome = this.rewriter.rewrite(query, start, end);
    if (outcome === REWRITE.NONE) return this.inner.answer(query, start, end, reply, replyStart, client, note);
    if (outcome === REWRITE.NOT_A_NAME)
      return this.#failing.answerFailure(query, start, end, reply, replyStart, client, note);
    const rewritten = this.#writeQuery(query, start, end);
    const size = this.inner.answer(this.#query, 0, rewritten, this.#reply, 0, client, note);
    if (size === HAND_OVER || size === 0) return size;
    const sizeMax = this.#replySizeMax(query, start, client);
    return this.#restorer.restore(this.#reply, size, query, start, reply, replyStart, sizeMax);
  }

  /** A copy of the query that `rewriter` has just rewritten. */
  protected rewrittenCopy(query: Uint8Array): Uint8Array {
    return this.#query.slice(0, this.#writeQuery(query, 0, query.length));
  }

  /** The reply to a query from the reply to its rewritten copy. */
  protected restored(reply: Uint8Array, query: Uint8Array, client: Client): Uint8Array {
    const outcome = this.rewriter.rewrite(query, 0, query.length);
    assert(outcome === REWRITE.DONE, "a query is rewritten as it was before");
    const sizeMax = this.#replySizeMax(query, 0, client);
    return this.#reply.slice(0, this.#restorer.restore(reply, reply.length, query, 0, this.#reply, 0, sizeMax));
  }

  /** Writes the query in `bytes[start, end)` with the rewritten question in its place; returns its size. */
  #writeQuery(bytes: Uint8Array, start: number, end: number): number {
    const { question, questionEnd } = this.rewriter;
    const { name } = question;
    const query = this.#query;
    let at = 0;
    for (let i = start; at < HEADER_SIZE; i++) query[at++] = bytes[i]!;
    for (let i = 0; i < name.size; i++) query[at++] = name.bytes[i]!;
    query[at++] = question.type >>> 8;
    query[at++] = question.type;
    query[at++] = question.class >>> 8;
    query[at++] = question.class;
    for (let i = start + questionEnd; i < end; i++) query[at++] = bytes[i]!;
    return at;
  }

  /** The largest reply that the client accepts, bytes; as `Query.replySizeMax`. */
  #replySizeMax(query: Uint8Array, start: number, { transport }: Client): number {
    if (transport !== "udp") return MESSAGE_SIZE_MAX;
    if (query[start + 11] === 0) return UDP_SIZE_PLAIN;
    const opt = start + this.rewriter.questionEnd;
    const size = (query[opt + 3]! << 8) | query[opt + 4]!;
    return Math.min(Math.max(size, UDP_SIZE_PLAIN), this.#ednsSize);
  }
}

/** As `RewritingAnswerer`, for the main thread: names that are forwarded are rewritten too. */
export class LateRewritingAnswerer extends RewritingAnswerer<LateAnswerer> implements LateAnswerer {
  async answerLate(query: Uint8Array, client: Client, note?: AnswerNote): Promise<Uint8Array> {
    if (this.rewriter.rewrite(query, 0, query.length) !== REWRITE.DONE)
      return this.inner.answerLate(query, client, note);
    const reply = await this.inner.answerLate(this.rewrittenCopy(query), client, note);
    return reply.length === 0 ? reply : this.restored(reply, query, client);
  }
}
