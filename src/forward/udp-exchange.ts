// Asks over UDP: each query from a port of its own under a random id (RFC 5452 4.5, 9.2), as long as not too many are
// under way; then from a random one of those that are open. Knows nothing of retries, of TCP or of other upstreams.
import { randomInt } from "node:crypto";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { UdpPort } from "./udp-port.ts";
import type { UdpExchangeSettings } from "./udp-port.ts";
import type { Upstream } from "../net/upstream.ts";

/** Queries of one upstream that are under way; a thousand answers of 50 ms are 20,000 a second. */
const OUTSTANDING_MAX = 1_000;
/**
 * Ports that are open before queries share them. One that may take no more is followed by a new one: they are never
 * more than there are queries under way.
 */
const PORTS_MAX = 128;

/** An upstream over UDP; truncated replies are given as they are. */
export class UdpExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #ports = new Set<UdpPort>();
  /** Those of `#ports` that may take another query; some may not any more. */
  #open: UdpPort[] = [];
  #outstanding = 0;
  #closed = false;

  constructor(upstream: Upstream, settings: UdpExchangeSettings) {
    this.#upstream = upstream;
    this.#settings = settings;
  }

  /** The fault is `garbage` where what came was not, or not usably, the reply. */
  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    if (this.#closed) return { fault: "closed" };
    if (this.#outstanding >= OUTSTANDING_MAX)
      return { fault: "busy", detail: `${OUTSTANDING_MAX} queries are outstanding` };
    this.#outstanding++;
    const result = await this.#choosePort().ask(query, withinMs);
    this.#outstanding--;
    return result;
  }

  close(): void {
    this.#closed = true;
    for (const port of this.#ports) port.end({ fault: "closed" });
  }

  #choosePort(): UdpPort {
    while (this.#ports.size >= PORTS_MAX && this.#open.length > 0) {
      const i = randomInt(this.#open.length);
      const port = this.#open[i]!;
      if (port.isOpen) return port;
      this.#open[i] = this.#open.at(-1)!;
      this.#open.pop();
    }
    const port: UdpPort = new UdpPort(this.#upstream, this.#settings, () => {
      this.#ports.delete(port);
      this.#open = this.#open.filter((each) => each !== port);
    });
    this.#ports.add(port);
    this.#open.push(port);
    return port;
  }
}
