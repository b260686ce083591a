// Asks over HTTPS (RFC 8484): POST on one HTTP/2 session, opened when it is needed and used for as long as it lasts.
// Ids are 0 (section 4.1): the stream says which reply is whose. Verified or not used; follows no redirects.
import { connect, constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { faultOf } from "./exchange.ts";
import type { Exchange, ExchangeFault, ExchangeResult } from "./exchange.ts";
import { checkReply } from "./reply-check.ts";
import { tlsOptions } from "./stream-exchange.ts";
import type { TlsSettings } from "./stream-exchange.ts";
import type { Upstream } from "../net/upstream.ts";

/** Requests that wait for a reply. */
const REQUESTS_MAX = 1_000;
/** A session that nobody has used for so long is closed. */
const IDLE_MS = 30_000;
const MEDIA_TYPE = "application/dns-message";

/** One HTTP/2 session. */
interface Session {
  readonly http: ClientHttp2Session;
  /** Why it ended, which its streams are not told. */
  readonly ended: Promise<ExchangeFault>;
  /** When it was last of use; -Infinity: never. An end after that may be the server's idle timer, not its refusal. */
  lastReplyAt: number;
}

/** An upstream over HTTPS. */
export class HttpsExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #tls: TlsSettings;
  readonly #sessions = new Set<Session>();
  #current: Session | undefined;
  #outstanding = 0;
  #closed = false;

  constructor(upstream: Upstream, tls: TlsSettings) {
    this.#upstream = upstream;
    this.#tls = tls;
  }

  /** The fault `garbage` covers every HTTP status but 200. */
  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    if (this.#closed) return { fault: "closed" };
    if (this.#outstanding >= REQUESTS_MAX) return { fault: "busy", detail: `${REQUESTS_MAX} queries are outstanding` };
    const start = performance.now();
    this.#outstanding++;
    const session = this.#usableSession();
    const wasProven = session.lastReplyAt > -Infinity;
    let result = await this.#request(session, query, withinMs);
    if (wasProven && "fault" in result && result.fault === "closed" && !this.#closed) {
      result = await this.#request(this.#usableSession(), query, withinMs - (performance.now() - start));
    }
    this.#outstanding--;
    return result;
  }

  close(): void {
    this.#closed = true;
    for (const { http } of this.#sessions) http.destroy();
  }

  #usableSession(): Session {
    if (this.#current !== undefined && !this.#current.http.closed && !this.#current.http.destroyed) {
      return this.#current;
    }
    const { host, port } = this.#upstream;
    const authority = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const http = connect(authority, { ...tlsOptions(this.#upstream, this.#tls), ALPNProtocols: ["h2"] });
    const ended = Promise.withResolvers<ExchangeFault>();
    const session: Session = { http, ended: ended.promise, lastReplyAt: -Infinity };
    http.on("error", (error) => ended.resolve(faultOf(error, http.connecting)));
    http.on("goaway", () => http.close());
    http.on("close", () => {
      ended.resolve({ fault: "closed" });
      this.#sessions.delete(session);
    });
    http.setTimeout(IDLE_MS, () => http.close());
    this.#sessions.add(session);
    this.#current = session;
    return session;
  }

  #request(session: Session, query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    return new Promise((resolve) => {
      const { host, port, serverName = host, path = "/" } = this.#upstream;
      const name = serverName.includes(":") ? `[${serverName}]` : serverName;
      const stream = session.http.request({
        ":method": "POST",
        ":path": path,
        ":authority": port === 443 ? name : `${name}:${port}`,
        "content-type": MEDIA_TYPE,
        accept: MEDIA_TYPE,
        "content-length": query.length,
      });
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        settle({ fault: "timeout" });
        // A connection that has gone silent may have been forgotten by what lies between.
        if (session.lastReplyAt < sentAt) session.http.destroy();
      }, withinMs);
      const settle = (result: ExchangeResult): void => {
        clearTimeout(timer);
        if ("reply" in result) session.lastReplyAt = performance.now();
        else if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
        resolve(result);
      };
      receive(stream, query, settle);
      stream.on("error", () => undefined);
      stream.on("close", () => {
        if (session.http.destroyed) void session.ended.then(settle);
        else settle({ fault: "closed" });
      });
      stream.end(query);
    });
  }
}

/** Settles once with what the stream brings; not where it merely ends. */
function receive(stream: ClientHttp2Stream, query: Uint8Array, settle: (result: ExchangeResult) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("response", (headers) => {
    const status = headers[":status"];
    const type = headers["content-type"];
    if (status !== 200) settle({ fault: "garbage", detail: `HTTP status ${status}` });
    else if (type !== MEDIA_TYPE) settle({ fault: "garbage", detail: `a reply of type ${type}` });
  });
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MESSAGE_SIZE_MAX) settle({ fault: "garbage", detail: "a reply that is too long" });
    else chunks.push(chunk);
  });
  stream.on("end", () => {
    // A stream that was reset ends without its message.
    if (stream.rstCode !== 0 || size === 0) return;
    const reply = new Uint8Array(Buffer.concat(chunks));
    const fit = checkReply(query, reply, false);
    settle(fit === "reply" ? { reply } : { fault: "garbage", detail: "not the reply to the question" });
  });
}
