// Chooses the exchange for an upstream's protocol, and wraps it in what all protocols share.
// Opens no socket before the first query.
import { EdnsExchange } from "./edns-exchange.ts";
import type { Exchange } from "./exchange.ts";
import { HttpsExchange } from "./https-exchange.ts";
import { StreamExchange } from "./stream-exchange.ts";
import type { TlsSettings } from "./stream-exchange.ts";
import { TcpFallbackExchange } from "./tcp-fallback-exchange.ts";
import { UdpExchange } from "./udp-exchange.ts";
import type { UdpExchangeSettings } from "./udp-port.ts";
import type { Upstream } from "../net/upstream.ts";

/** Settings of all protocols; `now`: monotonic time, milliseconds. */
export interface ExchangeSettings extends UdpExchangeSettings, TlsSettings {
  readonly now: () => number;
  /** Called when an upstream turns out to be without EDNS. */
  readonly onPlain?: () => void;
}

/** The exchange with `upstream`. */
export function openExchange(upstream: Upstream, settings: ExchangeSettings): Exchange {
  return new EdnsExchange(openProtocol(upstream, settings), settings.now, upstream.edns, settings.onPlain);
}

function openProtocol(upstream: Upstream, settings: ExchangeSettings): Exchange {
  switch (upstream.protocol) {
    case "udp":
      return new TcpFallbackExchange(new UdpExchange(upstream, settings), new StreamExchange(upstream));
    case "tcp":
      return new StreamExchange(upstream);
    case "tls":
      return new StreamExchange(upstream, settings);
    case "https":
      return new HttpsExchange(upstream, settings);
  }
}
