// The port between transports and answers: every transport calls one function with a query's bytes.
// Knows no sockets or zones.
import type { AnswerNote } from "./answer-note.ts";
import type { Client } from "./client.ts";

/** Returned for a query that needs upstreams: its answer comes later. */
export const HAND_OVER = -1;

export interface Answerer {
  /**
   * Answers the query in `query[start, end)` to `reply` from `replyStart` on, which has space for the largest UDP reply
   * where the client's transport is `udp`, else for 65,535 bytes. Returns the size of the reply; 0: send nothing;
   * `HAND_OVER`: call `LateAnswerer.answerLate` in the main thread. Fills in `note`, where there is one, for an answer.
   * Never throws on any bytes.
   */
  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note?: AnswerNote,
  ): number;
}

/** An answerer of the main thread, which can wait for upstreams. */
export interface LateAnswerer extends Answerer {
  /**
   * Answers a query that `answer` handed over; the callee keeps `query` and `client`. Resolves with the reply, which
   * the caller keeps; empty: send nothing. Never rejects. Fills in `note` where there is one.
   */
  answerLate(query: Uint8Array, client: Client, note?: AnswerNote): Promise<Uint8Array>;
}
