// Asks over TCP (RFC 7766) or TLS (RFC 7858): one connection, opened when it is needed and used for as long as it
// lasts. TLS is verified or not used: there is no falling back to plain text. Knows nothing of other upstreams.
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { StreamConnection } from "./stream-connection.ts";
import type { Upstream } from "../net/upstream.ts";

/** PEM certificates to trust in place of the system's. */
export interface TlsSettings {
  readonly ca?: string;
}

/** What a TLS connection to `upstream` is verified by; RFC 8310 8.1. */
export function tlsOptions(upstream: Upstream, { ca }: TlsSettings) {
  const { host, port, serverName } = upstream;
  return {
    host,
    port,
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(ca === undefined ? {} : { ca }),
  } as const;
}

/** An upstream over a stream. */
export class StreamExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #tls: TlsSettings | undefined;
  /** Those that have not ended; the last one takes queries. */
  readonly #connections = new Set<StreamConnection>();
  #current: StreamConnection | undefined;
  /** Lets a new connection resume the session of one before (RFC 8446 2.2). */
  #session: Buffer | undefined;
  #closed = false;

  /** With `tls`, over TLS. */
  constructor(upstream: Upstream, tls?: TlsSettings) {
    this.#upstream = upstream;
    this.#tls = tls;
  }

  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    if (this.#closed) return { fault: "closed" };
    const start = performance.now();
    const connection = this.#usableConnection();
    const wasProven = connection.isProven;
    const first = await connection.ask(query, withinMs);
    const lostOld = wasProven && "fault" in first && first.fault === "closed" && !this.#closed;
    // A server may close an idle connection just as it is used again.
    return lostOld ? this.#usableConnection().ask(query, withinMs - (performance.now() - start)) : first;
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.destroy();
  }

  #usableConnection(): StreamConnection {
    if (this.#current?.isUsable === true) return this.#current;
    const onEnd = (): void => void this.#connections.delete(connection);
    const { host, port } = this.#upstream;
    const connection =
      this.#tls === undefined
        ? new StreamConnection(connect({ host, port }), "connect", onEnd)
        : new StreamConnection(this.#connectTls(this.#tls), "secureConnect", onEnd);
    this.#connections.add(connection);
    this.#current = connection;
    return connection;
  }

  #connectTls(settings: TlsSettings): TLSSocket {
    const socket = connectTls({
      ...tlsOptions(this.#upstream, settings),
      ALPNProtocols: ["dot"],
      ...(this.#session === undefined ? {} : { session: this.#session }),
    });
    socket.on("session", (session: Buffer) => (this.#session = session));
    return socket;
  }
}
