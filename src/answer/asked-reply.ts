// What becomes of a query that is asked without a socket: a reply, or why there is none.
// Types only.
import type { AnswerNote } from "./answer-note.ts";

/** What became of a query. */
export type AskedReply =
  /** The reply in wire form, and what made it. */
  | { readonly reply: Uint8Array; readonly note: AnswerNote }
  /** A server would ask upstreams. */
  | "forwarded"
  /** A server would send nothing. */
  | "silence";
