// TCP (RFC 7766) and TLS (RFC 7858) to an upstream: one connection, opened on demand and used for as long as it lasts.
// TLS is always verified, and never falls back to plain text. Knows nothing of other upstreams.
import { createHash, X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { faultOf } from "./exchange.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { StreamConnection } from "./stream-connection.ts";
import type { Upstream } from "../net/upstream.ts";

/** PEM texts: certificates to trust instead of the system's, and a certificate of our own with its key. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Options of a verified TLS connection to `upstream` (RFC 8310 8.1). A pin must fit as well as the certificate. */
export function tlsOptions(upstream: Upstream, { ca, cert, key }: TlsSettings) {
  const { host, port, serverName, pins } = upstream;
  return {
    host,
    port,
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key }),
    ...(pins && {
      checkServerIdentity: (name: string, peer: PeerCertificate) =>
        checkServerIdentity(name, peer) ?? faultOfPin(peer, pins),
    }),
  } as const;
}

/** RFC 7858 4.2: the SHA-256 of the public key, with its algorithm, is one of the pins. */
function faultOfPin({ raw }: PeerCertificate, pins: readonly string[]): Error | undefined {
  const key = new X509Certificate(raw).publicKey.export({ type: "spki", format: "der" });
  const pin = createHash("sha256").update(key).digest("base64");
  if (pins.includes(pin)) return undefined;
  return Object.assign(new Error(`the public key of the certificate has the pin ${pin}`), { code: "ERR_TLS_CERT_PIN" });
}

/** An upstream over a stream. */
export class StreamExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #tls: TlsSettings | undefined;
  /** Connections that have not ended; only `#current` gets queries. */
  readonly #connections = new Set<StreamConnection>();
  #current: StreamConnection | undefined;
  /** The TLS session that a new connection resumes (RFC 8446 2.2). */
  #session: Buffer | undefined;
  #isClosed = false;

  /** `tls`: TLS is used; undefined: plain TCP. */
  constructor(upstream: Upstream, tls?: TlsSettings) {
    this.#upstream = upstream;
    this.#tls = tls;
  }

  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (this.#isClosed) return { fault: "closed" };
    try {
      return await this.#ask(query, timeoutMs);
    } catch (error) {
      // The certificate or the key is of no use to OpenSSL.
      return faultOf(error as Error, true);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.destroy();
  }

  async #ask(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const start = performance.now();
    const connection = this.#usableConnection();
    const wasProven = connection.isProven;
    const first = await connection.ask(query, timeoutMs);
    const isLost = wasProven && "fault" in first && first.fault === "closed" && !this.#isClosed;
    // The server may close an idle connection just as it is used again.
    return isLost ? this.#usableConnection().ask(query, timeoutMs - (performance.now() - start)) : first;
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
