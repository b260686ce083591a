// The port between transports and answers: every transport calls this one function with a query's bytes.
// Knows neither sockets nor zones.

/** Which limits an answer must keep: `udp` answers fit the client's advertised size, `stream` ones 65,535 bytes. */
export type AnswerKind = "udp" | "stream";

/** What an answerer of the data plane returns for a query that only the main thread can answer. */
export const HAND_OVER = -1;

export interface Answerer {
  /**
   * Answers the query in `query[start, end)` into `reply` from `replyStart`, which has room for 65,535 bytes when
   * `kind` is `stream` and for the largest UDP answer otherwise. Returns the reply's length; 0: send nothing.
   * Never throws on any bytes.
   */
  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    kind: AnswerKind,
  ): number;
}
