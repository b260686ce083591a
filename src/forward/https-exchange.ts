// DNS over HTTPS to an upstream (RFC 8484): POST on one HTTP/2 session, opened on demand and used for as long as it
// lasts. Ids are 0 (section 4.1): the stream identifies the query. TLS is always verified; follows no redirects.
import { connect, constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { MESSAGE_SIZE_MAX, TYPE } from "../dns/constants.ts";
import { DNS_MESSAGE, isDnsMessage } from "../dns/media-type.ts";
import { readRecords } from "../dns/message.ts";
import { faultOf, TIMED_OUT } from "./exchange.ts";
import type { Exchange, ExchangeFault, ExchangeResult } from "./exchange.ts";
import { checkReply } from "./reply-check.ts";
import { tlsOptions } from "./stream-exchange.ts";
import type { TlsSettings } from "./stream-exchange.ts";
import type { Upstream } from "../net/upstream.ts";

/** Requests that wait for a reply. */
const REQUESTS_MAX = 1_000;
/** How long an idle session stays open. */
const IDLE_MS = 30_000;
/** From the TTL of a record to its rdata, bytes. */
const TTL_BEFORE_RDATA = 6;

/** One HTTP/2 session. */
interface Session {
  readonly http: ClientHttp2Session;
  /** Why it ended; its streams do not get the reason. */
  readonly ended: Promise<ExchangeFault>;
  /** -Infinity: none came yet. After a reply, an end may be the server's idle timer, not a refusal. */
  lastReplyAt: number;
  /** It has left a request alone: another session may take it (RFC 9113 8.7). */
  hasRefused: boolean;
}

/** An upstream over HTTPS. */
export class HttpsExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #tls: TlsSettings;
  readonly #sessions = new Set<Session>();
  #current: Session | undefined;
  #outstanding = 0;
  #isClosed = false;

  constructor(upstream: Upstream, tls: TlsSettings) {
    this.#upstream = upstream;
    this.#tls = tls;
  }

  /** Every HTTP status but 200 is the fault `http-status`. */
  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (this.#isClosed) return { fault: "closed" };
    if (this.#outstanding >= REQUESTS_MAX) return { fault: "busy", detail: `${REQUESTS_MAX} queries are outstanding` };
    this.#outstanding++;
    try {
      return await this.#ask(query, timeoutMs);
    } catch (error) {
      // The certificate or the key is of no use to OpenSSL.
      return faultOf(error as Error, true);
    } finally {
      this.#outstanding--;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { http } of this.#sessions) http.destroy();
  }

  async #ask(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const start = performance.now();
    const session = this.#usableSession();
    const wasProven = session.lastReplyAt > -Infinity;
    const first = await this.#request(session, query, timeoutMs);
    const mayRepeat = wasProven || session.hasRefused;
    if (!mayRepeat || !("fault" in first) || first.fault !== "closed" || this.#isClosed) return first;
    return this.#request(this.#usableSession(), query, timeoutMs - (performance.now() - start));
  }

  #usableSession(): Session {
    if (this.#current !== undefined && !this.#current.http.closed && !this.#current.http.destroyed) {
      return this.#current;
    }
    const { host, port } = this.#upstream;
    const authority = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const http = connect(authority, { ...tlsOptions(this.#upstream, this.#tls), ALPNProtocols: ["h2"] });
    const ended = Promise.withResolvers<ExchangeFault>();
    const session: Session = { http, ended: ended.promise, lastReplyAt: -Infinity, hasRefused: false };
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

  #request(session: Session, query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (timeoutMs <= 0) return Promise.resolve(TIMED_OUT);
    return new Promise((resolve) => {
      const { host, port, serverName = host, path = "/" } = this.#upstream;
      const name = serverName.includes(":") ? `[${serverName}]` : serverName;
      const stream = session.http.request({
        ":method": "POST",
        ":path": path,
        ":authority": port === 443 ? name : `${name}:${port}`,
        "content-type": DNS_MESSAGE,
        accept: DNS_MESSAGE,
        "content-length": query.length,
      });
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        settle({ fault: "timeout" });
        // A middlebox may have dropped the state of a silent connection.
        if (session.lastReplyAt < sentAt) session.http.destroy();
      }, timeoutMs);
      const settle = (result: ExchangeResult): void => {
        clearTimeout(timer);
        if ("reply" in result) session.lastReplyAt = performance.now();
        else if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
        resolve(result);
      };
      receive(stream, query, settle);
      stream.on("error", () => undefined);
      stream.on("close", () => {
        if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) {
          session.hasRefused = true;
          session.http.close();
        }
        if (session.http.destroyed) void session.ended.then(settle);
        else settle({ fault: "closed" });
      });
      stream.end(query);
    });
  }
}

/** Calls `settle` with the reply or fault that the stream brings; not when it merely ends. */
function receive(stream: ClientHttp2Stream, query: Uint8Array, settle: (result: ExchangeResult) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let ageSeconds = 0;
  stream.on("response", (headers) => {
    ageSeconds = ageOf(headers.age);
    const status = headers[":status"];
    const type = headers["content-type"];
    if (status !== 200) settle({ fault: "http-status", detail: `HTTP status ${status}` });
    else if (!isDnsMessage(type)) settle({ fault: "garbage", detail: `a reply of type ${type}` });
  });
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MESSAGE_SIZE_MAX) settle({ fault: "garbage", detail: "a reply that is too large" });
    else chunks.push(chunk);
  });
  stream.on("end", () => {
    // A reset stream ends without a message.
    if (stream.rstCode !== 0 || size === 0) return;
    const reply = new Uint8Array(Buffer.concat(chunks));
    const match = checkReply(query, reply, false);
    if (match !== "reply") return settle({ fault: "garbage", detail: "not the reply to the query" });
    countDown(reply, ageSeconds);
    settle({ reply });
  });
}

/** How long caches on the way have had the reply, seconds (RFC 9111 5.1). */
function ageOf(age: string | undefined): number {
  return age !== undefined && /^\d{1,10}$/.test(age) ? Number(age) : 0;
}

/** Takes the age of a reply off its TTLs (RFC 8484 5.1). */
function countDown(reply: Uint8Array, ageSeconds: number): void {
  if (ageSeconds === 0) return;
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  for (const { type, ttl, rdataAt } of readRecords(reply) ?? [])
    if (type !== TYPE.OPT) view.setUint32(rdataAt - TTL_BEFORE_RDATA, Math.max(0, ttl - ageSeconds));
}
