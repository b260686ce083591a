// UDP, with TCP for truncated answers (RFC 7766 5), BADCOOKIE (RFC 7873 5.3: this server sends no cookies), datagrams
// that do not match (RFC 5452 9), and when no UDP socket is left.
// Opens no sockets itself. A fault of TCP alone never makes an upstream look down.
import { RCODE } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { isTruncated } from "./reply-check.ts";

/** An upstream over UDP with TCP behind it. */
export class TcpFallbackExchange implements Exchange {
  readonly #udp: Exchange;
  readonly #tcp: Exchange;

  constructor(udp: Exchange, tcp: Exchange) {
    this.#udp = udp;
    this.#tcp = tcp;
  }

  /** The fault is `truncated` when the answer is too large for UDP and TCP fails. */
  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const start = performance.now();
    const first = await this.#udp.exchange(query, timeoutMs);
    const isWhole = "reply" in first && !isTruncated(first.reply) && rcodeOf(first.reply).rcode !== RCODE.BADCOOKIE;
    if (isWhole || ("fault" in first && first.fault !== "garbage" && first.fault !== "busy")) return first;
    const second = await this.#tcp.exchange(query, timeoutMs - (performance.now() - start));
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
