// The counts of a server as a program sees them: how many answers, by a few of their properties.
// Part of the library's interface; /metrics tells more.
import type { ClientTransport } from "./client.ts";

/** Numbers of answers since the start. Keys without an answer are absent. */
export interface Counts {
  /** By the type of the question, such as `A`; `other` for rare types. */
  readonly byType: Readonly<Record<string, number>>;
  /** By response code, such as `NXDOMAIN`. */
  readonly byRcode: Readonly<Record<string, number>>;
  /**
   * By where the answer came from: `cluster`, `reverse`, `zone-file`, `hosts`, `special` (such as localhost), `cache`,
   * `upstream` or `none`.
   */
  readonly answeredBy: Readonly<Record<string, number>>;
  readonly byTransport: Readonly<Record<ClientTransport, number>>;
  /** Answers that lack records because these did not fit. */
  readonly truncated: number;
  readonly total: number;
}
