// The port between transports and answers: every transport calls this one function with a query's bytes.
// Knows neither sockets nor zones.
import type { Client } from "./client.ts";

/** What an answerer returns for a query that needs others to be asked: its answer comes later. */
export const HAND_OVER = -1;

export interface Answerer {
  /**
   * Answers the query in `query[start, end)` into `reply` from `replyStart`, which has room for the largest UDP answer
   * where the client's transport is `udp`, and for 65,535 bytes otherwise. Returns the reply's length; 0: send nothing;
   * `HAND_OVER`: ask `LateAnswerer.answerLate`, in the main thread. Never throws on any bytes.
   */
  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number;
}

/** An answerer of the main thread: it can wait for others. */
export interface LateAnswerer extends Answerer {
  /**
   * Answers a query that `answer` handed over; `query` and `client` are the callee's own. Resolves with the reply,
   * whose bytes are the caller's own, and which is empty where nothing is to be sent. Never rejects.
   */
  answerLate(query: Uint8Array, client: Client): Promise<Uint8Array>;
}
