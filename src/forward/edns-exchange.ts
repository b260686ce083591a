// Asks once more without EDNS where an upstream does not know it (RFC 6891 7), and remembers that for a while.
// Opens no sockets itself.
import { RCODE } from "../dns/constants.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { rcodeOf } from "./reply-check.ts";
import { withoutEdns } from "./upstream-query.ts";

/** For so long an upstream that did not know EDNS is not asked with it. */
const PLAIN_MS = 15 * 60_000;

/** One upstream, whichever way it is asked. */
export class EdnsExchange implements Exchange {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  #plainUntil = -Infinity;

  /** `now`: milliseconds that only grow. */
  constructor(exchange: Exchange, now: () => number) {
    this.#exchange = exchange;
    this.#now = now;
  }

  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const start = this.#now();
    if (start < this.#plainUntil) return this.#exchange.exchange(withoutEdns(query), withinMs);
    const first = await this.#exchange.exchange(query, withinMs);
    if ("fault" in first || !rejectsEdns(first.reply)) return first;
    const second = await this.#exchange.exchange(withoutEdns(query), withinMs - (this.#now() - start));
    if ("fault" in second) return second;
    // One that can't answer this question either way has said nothing about EDNS.
    if (!rejectsEdns(second.reply)) this.#plainUntil = this.#now() + PLAIN_MS;
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
