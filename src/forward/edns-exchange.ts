// Repeats a query without EDNS when the upstream does not support it (RFC 6891 7), and remembers that for a while.
// Opens no sockets itself.
import { RCODE } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { withoutEdns } from "./upstream-query.ts";

/** How long an upstream without EDNS is asked without it. */
const PLAIN_MS = 15 * 60_000;

/** One upstream, over any protocol. */
export class EdnsExchange implements Exchange {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  #plainUntilMs = -Infinity;

  /** `now`: monotonic time, milliseconds. */
  constructor(exchange: Exchange, now: () => number) {
    this.#exchange = exchange;
    this.#now = now;
  }

  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const start = this.#now();
    if (start < this.#plainUntilMs) return this.#exchange.exchange(withoutEdns(query), timeoutMs);
    const first = await this.#exchange.exchange(query, timeoutMs);
    if ("fault" in first || !rejectsEdns(first.reply)) return first;
    const second = await this.#exchange.exchange(withoutEdns(query), timeoutMs - (this.#now() - start));
    if ("fault" in second) return second;
    // An upstream that rejects this question either way says nothing about EDNS.
    if (!rejectsEdns(second.reply)) this.#plainUntilMs = this.#now() + PLAIN_MS;
    return second;
  }

  close(): void {
    this.#exchange.close();
  }
}

function rejectsEdns(reply: Uint8Array): boolean {
  const { rcode, hasEdns } = rcodeOf(reply);
  return rcode === RCODE.BADVERS || (!hasEdns && (rcode === RCODE.FORMERR || rcode === RCODE.NOTIMP));
}
