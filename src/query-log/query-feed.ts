// Brings the records of answered queries from all threads to those who want them: the main thread empties the rings
// again and again, and never works on them for long. Subscribers say what they want; what nobody wants is not recorded.
// What finds a ring full is lost, and counted.
import { Demand, limitsOf } from "./demand.ts";
import type { Limits, Wish } from "./demand.ts";
import { QueryRecord } from "./query-record.ts";
import { RingReader } from "./ring-reader.ts";
import { newRing } from "./ring-writer.ts";

/** How often the rings are emptied while every query may be recorded; less often for a sample, down to the maximum. */
const DRAIN_INTERVAL_MS = { MIN: 10, MAX: 100 } as const;
/** The time that reading may take from the main thread at once. */
const DRAIN_MS_MAX = 4;
/** Records of one ring before the time is looked at, and the other rings get their turn. */
const CHUNK_RECORDS = 64;
const RING_BYTES = 512 * 1024;
/** Where records may have the bytes of messages. */
const LARGE_RING_BYTES = 4 * 1024 * 1024;

/** Someone who wants records. */
export interface QuerySubscriber {
  readonly wish: Wish;
  /** Called with each record that fits the wish. The record changes afterwards: copy what is to be kept. */
  take(record: QueryRecord): void;
}

/** What a thread writes its records by. */
export interface RecordingMemory {
  readonly demand: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
}

interface Subscription {
  readonly limits: Limits;
  readonly subscriber: QuerySubscriber;
}

export class QueryFeed {
  readonly #demand = new Demand();
  readonly #rings: RingReader[] = [];
  readonly #record = new QueryRecord();
  readonly #ringBytes: number;
  readonly #subscriptions = new Set<Subscription>();
  #timer: NodeJS.Timeout | undefined;
  /** The ring with which the next turn begins. */
  #first = 0;
  #read = 0;

  /** `mayHaveMessages`: some subscriber may want the bytes of messages. */
  constructor(mayHaveMessages = false) {
    this.#ringBytes = mayHaveMessages ? LARGE_RING_BYTES : RING_BYTES;
  }

  /** Records that were read, and those that were lost. */
  get counts(): { readonly read: number; readonly dropped: number } {
    return { read: this.#read, dropped: this.#rings.reduce((sum, { dropped }) => sum + dropped, 0) };
  }

  /** Memory for one more thread. */
  newMemory(): RecordingMemory {
    const ring = newRing(this.#ringBytes);
    this.#rings.push(new RingReader(ring));
    return { demand: this.#demand.memory, ring };
  }

  /** Has records brought to `subscriber` until the returned function is called. */
  subscribe(subscriber: QuerySubscriber): () => void {
    const subscription = { limits: limitsOf(subscriber.wish), subscriber };
    this.#subscriptions.add(subscription);
    this.#update();
    return () => {
      this.#subscriptions.delete(subscription);
      this.#update();
    };
  }

  /** Reads what is left, and ends. Nothing is recorded any more. */
  close(): void {
    this.#demand.set([]);
    clearInterval(this.#timer);
    this.#timer = undefined;
    while (this.#drain(Infinity) > 0);
    this.#subscriptions.clear();
  }

  #update(): void {
    const wishes = [...this.#subscriptions].map(({ subscriber }) => subscriber.wish);
    this.#demand.set(wishes);
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#demand.isOff) return;
    const every = Math.min(...wishes.filter(({ mayLose }) => mayLose !== true).flatMap(samplesOf));
    const intervalMs = Math.min(DRAIN_INTERVAL_MS.MIN * every, DRAIN_INTERVAL_MS.MAX);
    this.#timer = setInterval(() => this.#drain(performance.now() + DRAIN_MS_MAX), intervalMs).unref();
  }

  /** Reads until all rings are empty, or until the deadline; returns how many records there were. */
  #drain(deadlineMs: number): number {
    const rings = this.#rings;
    const before = this.#read;
    for (let empty = 0, i = this.#first; empty < rings.length && performance.now() < deadlineMs; i++) {
      this.#first = (i + 1) % rings.length;
      const count = rings[i % rings.length]!.read(this.#record, CHUNK_RECORDS, this.#take);
      this.#read += count;
      empty = count < CHUNK_RECORDS ? empty + 1 : 0;
    }
    return this.#read - before;
  }

  readonly #take = (record: QueryRecord): void => {
    for (const { limits, subscriber } of this.#subscriptions) {
      const isWanted = record.draw <= limits.byClass[record.replyClass] && record.durationMs >= limits.minMs;
      if (isWanted) subscriber.take(record);
    }
  };
}

/** The samples that the wish takes, one query in so many. */
function samplesOf({ success, denial, error }: Wish): readonly number[] {
  return [success, denial, error].filter((every) => every > 0);
}
