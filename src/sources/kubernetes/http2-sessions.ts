// HTTP/2 connections to an API server: one as a rule, more where the server limits the streams of one. Each is pinged,
// and one that does not answer ends. A connection that is to end takes no new requests, and finishes those that it has.
// RFC 9113 5.1.2 (stream concurrency), 6.7 (PING), 6.8 (GOAWAY), RFC 7301 (ALPN).
import { connect } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import type { ApiTls } from "./api-access.ts";
import { untilEvent } from "./until-event.ts";

export interface SessionSettings {
  readonly server: string;
  readonly tls: () => Promise<ApiTls>;
  /** A ping goes out after so long, and its answer has as long to come, milliseconds. */
  readonly pingMs: number;
  /** For a new connection, milliseconds. */
  readonly connectMs: number;
}

/** The server, or a proxy before it, has no HTTP/2. */
export class WithoutHttp2 extends Error {
  override message = "the API server has no HTTP/2";
}

/** Flow-control windows for large lists, bytes. */
const WINDOW_SIZE = 4 << 20;
/** Where the server does not say how many streams it takes at a time. */
const STREAMS_MAX = 100;

export class Http2Sessions {
  readonly #settings: SessionSettings;
  /** The open sessions that take requests, with the number of their streams. */
  readonly #streams = new Map<ClientHttp2Session, number>();
  /** All that are not closed. */
  readonly #all = new Set<ClientHttp2Session>();
  #opening: Promise<ClientHttp2Session> | undefined;
  #isClosed = false;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /** Opens a stream; `signal` ends it. Rejects with `WithoutHttp2` where the server has none. */
  async request(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ClientHttp2Stream> {
    let session = this.#free();
    // Others may have taken the streams of the session for which all have waited.
    while (session === undefined) {
      await this.#open();
      session = this.#free();
    }
    const stream = session.request(headers, { signal, endStream: true });
    this.#count(session, 1);
    stream.once("close", () => this.#count(session, -1));
    return stream;
  }

  /** New requests get new connections; those that are under way go on. */
  retire(): void {
    for (const session of this.#streams.keys()) this.#close(session);
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#all) session.destroy();
  }

  #free(): ClientHttp2Session | undefined {
    for (const [session, streams] of this.#streams) {
      const limit = session.remoteSettings?.maxConcurrentStreams ?? STREAMS_MAX;
      if (!session.closed && !session.destroyed && streams < limit) return session;
    }
    return undefined;
  }

  #count(session: ClientHttp2Session, change: number): void {
    const streams = this.#streams.get(session);
    if (streams !== undefined) this.#streams.set(session, streams + change);
  }

  /** All who wait for a connection wait for the same one. */
  #open(): Promise<unknown> {
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #connect(): Promise<ClientHttp2Session> {
    const tls = await this.#settings.tls();
    if (this.#isClosed) throw new Error("closed");
    const { server, pingMs, connectMs } = this.#settings;
    const session = connect(server, { ...tls, settings: { initialWindowSize: WINDOW_SIZE, enablePush: false } });
    this.#all.add(session);
    // Streams report what ends them.
    session.on("error", () => undefined);
    session.on("goaway", () => this.#close(session));
    const pinging = setInterval(() => this.#ping(session), pingMs).unref();
    session.once("close", () => {
      clearInterval(pinging);
      this.#all.delete(session);
      this.#streams.delete(session);
    });
    // How many streams the server takes comes with its first frame.
    const settled = untilSettings(session, connectMs);
    try {
      await untilEvent(session, "connect", connectMs);
    } catch (error) {
      session.destroy();
      throw isWithoutHttp2(error) ? new WithoutHttp2() : error;
    }
    if (session.alpnProtocol !== "h2") {
      session.destroy();
      throw new WithoutHttp2();
    }
    session.setLocalWindowSize(WINDOW_SIZE);
    await settled;
    this.#streams.set(session, 0);
    return session;
  }

  /** Takes no more requests, and ends with the last of those that it has. */
  #close(session: ClientHttp2Session): void {
    this.#streams.delete(session);
    session.close();
  }

  #ping(session: ClientHttp2Session): void {
    if (session.destroyed || session.connecting) return;
    const { pingMs } = this.#settings;
    const lost = setTimeout(() => session.destroy(new Error("the API server does not answer a ping")), pingMs);
    session.ping(() => clearTimeout(lost));
    lost.unref();
  }
}

/** Resolves in any case: a server need not be quick with its settings. */
async function untilSettings(session: ClientHttp2Session, limitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs).unref();
  session.once("remoteSettings", () => resolve());
  session.once("close", resolve);
  await promise;
  clearTimeout(timer);
}

function isWithoutHttp2(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" || code === "ERR_HTTP2_ERROR";
}
