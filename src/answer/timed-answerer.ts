// Counts how long the answers of the main thread take, in the block of the listener that got the query: those of all
// transports but UDP in batches, whose threads time their batches, and all late ones.
import type { AnswerNote } from "./answer-note.ts";
import { HAND_OVER } from "./answerer.ts";
import type { LateAnswerer } from "./answerer.ts";
import type { Client } from "./client.ts";
import type { AnswerCounters } from "./counters.ts";

export class TimedAnswerer implements LateAnswerer {
  readonly #inner: LateAnswerer;
  readonly #counters: readonly AnswerCounters[];
  readonly #now: () => number;

  /** `counters`: by the number of the listener; `now`: monotonic time, milliseconds. */
  constructor(inner: LateAnswerer, counters: readonly AnswerCounters[], now: () => number) {
    this.#inner = inner;
    this.#counters = counters;
    this.#now = now;
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
    const startedAtMs = this.#now();
    const size = this.#inner.answer(query, start, end, reply, replyStart, client, note);
    if (size !== HAND_OVER && size !== 0) this.#count(client, startedAtMs);
    return size;
  }

  /** From the moment when the main thread has taken the query. */
  async answerLate(query: Uint8Array, client: Client, note?: AnswerNote): Promise<Uint8Array> {
    const startedAtMs = this.#now();
    const reply = await this.#inner.answerLate(query, client, note);
    if (reply.length > 0) this.#count(client, startedAtMs);
    return reply;
  }

  #count(client: Client, startedAtMs: number): void {
    const { udp, stream } = this.#counters[client.listener]!;
    const counters = client.transport === "udp" ? udp : stream;
    counters.countLatency((this.#now() - startedAtMs) / 1000, 1);
  }
}
