// UDP to an upstream: each query has a port of its own and a random id (RFC 5452 4.5, 9.2); when many are under way,
// queries share random ports. Knows nothing of retries, TCP or other upstreams.
import { randomInt } from "node:crypto";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { UdpPort } from "./udp-port.ts";
import type { UdpExchangeSettings } from "./udp-port.ts";
import type { Upstream } from "../net/upstream.ts";

/** Queries under way to one upstream: more than there are questions, with second tries. */
const OUTSTANDING_MAX = 4_000;
/**
 * Ports to open before queries share them. A port that may take no more queries is replaced by a new one, so there are
 * never more ports than queries under way.
 */
const PORTS_MAX = 128;

/** An upstream over UDP; truncated replies are returned as they are. */
export class UdpExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #ports = new Set<UdpPort>();
  /** Ports that may take another query; some may have stopped since. */
  #open: UdpPort[] = [];
  #outstanding = 0;
  #isClosed = false;

  constructor(upstream: Upstream, settings: UdpExchangeSettings) {
    this.#upstream = upstream;
    this.#settings = settings;
  }

  /** The fault is `garbage` when only unrelated or malformed datagrams came. */
  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (this.#isClosed) return { fault: "closed" };
    if (this.#outstanding >= OUTSTANDING_MAX)
      return { fault: "busy", detail: `${OUTSTANDING_MAX} queries are outstanding` };
    this.#outstanding++;
    const result = await this.#choosePort().ask(query, timeoutMs);
    this.#outstanding--;
    return result;
  }

  close(): void {
    this.#isClosed = true;
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
