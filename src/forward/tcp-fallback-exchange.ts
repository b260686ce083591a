// UDP, and TCP where UDP is not enough: truncated answers (RFC 7766 5), BADCOOKIE (RFC 7873 5.3: this server has no
// cookies to come back with), datagrams that do not fit (RFC 5452 9), no sockets left.
// Opens no sockets itself, and says of an upstream whose UDP works never that it is down.
import { RCODE } from "../dns/constants.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { isTruncated, rcodeOf } from "./reply-check.ts";

/** RFC 7873 8. */

/** An upstream over UDP with TCP behind it. */
export class TcpFallbackExchange implements Exchange {
  readonly #udp: Exchange;
  readonly #tcp: Exchange;

  constructor(udp: Exchange, tcp: Exchange) {
    this.#udp = udp;
    this.#tcp = tcp;
  }

  /** The fault is `truncated` where an answer is too long for UDP and TCP does not give it. */
  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const start = performance.now();
    const first = await this.#udp.exchange(query, withinMs);
    const isWhole = "reply" in first && !isTruncated(first.reply) && rcodeOf(first.reply).rcode !== RCODE.BADCOOKIE;
    if (isWhole || ("fault" in first && first.fault !== "garbage" && first.fault !== "busy")) return first;
    const second = await this.#tcp.exchange(query, withinMs - (performance.now() - start));
    if ("reply" in second) return second;
    const reason = `over TCP: ${second.fault}${second.detail === undefined ? "" : ` (${second.detail})`}`;
    if ("reply" in first) return { fault: "truncated", detail: reason };
    return { fault: first.fault, detail: `${first.detail}; ${reason}` };
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
  }
}
