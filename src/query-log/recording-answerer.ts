// Answerers that record the queries that another answerer answers, if anybody wants that. While nobody does, a query
// costs one look at shared memory.
import { newAnswerNote } from "../answer/answer-note.ts";
import type { AnswerNote } from "../answer/answer-note.ts";
import type { Answerer, LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { Demand } from "./demand.ts";
import type { RecordingMemory } from "./query-feed.ts";
import { TIMES } from "./record-layout.ts";
import { replyClassOf, RingWriter } from "./ring-writer.ts";

/** How old the difference of the clocks may be: the system's may be set. */
const WALL_INTERVAL_MS = 1_000;

export class RecordingAnswerer<Inner extends Answerer = Answerer> implements Answerer {
  protected readonly inner: Inner;
  /** When the query came that `record` is called for: `performance.now()`, in an array as `TIMES` explains. */
  protected readonly startedAtMs = new Float64Array(1);
  readonly #demand: Demand;
  readonly #ring: RingWriter;
  readonly #note = newAnswerNote();
  /** Of the generator of random numbers by which queries are sampled. */
  #state: number;
  /** The system's clock less `performance.now()`, and when that was found. */
  readonly #wall = Float64Array.of(0, -Infinity);

  /** `seed`: different for each thread. */
  constructor(inner: Inner, { demand, ring }: RecordingMemory, seed: number) {
    this.inner = inner;
    this.#demand = new Demand(demand);
    this.#ring = new RingWriter(ring);
    this.#state = seed;
  }

  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number {
    const draw = this.draw();
    if (draw === undefined) return this.inner.answer(query, start, end, reply, replyStart, client);
    const note = this.#note;
    this.startedAtMs[0] = performance.now();
    const size = this.inner.answer(query, start, end, reply, replyStart, client, note);
    if (size > 0) this.record(query, start, end, reply, replyStart, size, client, note, draw);
    return size;
  }

  /** The random number of a query that may be wanted; undefined: it is not wanted, whatever its answer. */
  protected draw(): number | undefined {
    if (this.#demand.isOff) return undefined;
    const draw = this.#nextDraw();
    return this.#demand.mayTake(draw) ? draw : undefined;
  }

  /** 31 bits: no secret, but different queries of a client must have equal chances. */
  #nextDraw(): number {
    // The constants of Numerical Recipes: a full period of 2^32, of which the upper bits are used.
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
    return this.#state >>> 1;
  }

  /** Records the answer if it is wanted. */
  protected record(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    size: number,
    client: Client,
    note: AnswerNote,
    draw: number,
  ): void {
    const demand = this.#demand;
    // Before the clock is read, which costs more than all of this.
    if (!demand.takes(draw, replyClassOf(reply, replyStart, note))) return;
    const startedAtMs = this.startedAtMs[0]!;
    const durationMs = performance.now() - startedAtMs;
    if (!demand.isSlow(durationMs)) return;
    const wall = this.#wall;
    if (startedAtMs - wall[1]! > WALL_INTERVAL_MS) {
      wall[0] = Date.now() - performance.now();
      wall[1] = startedAtMs;
    }
    const { times } = this.#ring;
    times[TIMES.AT] = startedAtMs + wall[0]!;
    times[TIMES.DURATION] = durationMs;
    this.#ring.write(query, start, end, reply, replyStart, size, client, note, draw, demand.wantsMessages);
  }
}

/** As `RecordingAnswerer`, for the main thread: answers that come late are recorded too. */
export class LateRecordingAnswerer extends RecordingAnswerer<LateAnswerer> implements LateAnswerer {
  async answerLate(query: Uint8Array, client: Client): Promise<Uint8Array> {
    const draw = this.draw();
    if (draw === undefined) return this.inner.answerLate(query, client);
    const note = newAnswerNote();
    const startedAtMs = performance.now();
    const reply = await this.inner.answerLate(query, client, note);
    this.startedAtMs[0] = startedAtMs;
    if (reply.length > 0) this.record(query, 0, query.length, reply, 0, reply.length, client, note, draw);
    return reply;
  }
}
