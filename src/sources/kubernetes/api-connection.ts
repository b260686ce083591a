// Requests to an API server, all over one HTTP/2 connection, or over HTTP/1.1 where the server or a proxy has no other.
// A connection without a sign of life ends: by HTTP/2 a ping tells, by HTTP/1.1 a watch that lasts too long does.
// RFC 9113 6.7 (PING), RFC 7301 (ALPN).
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect, constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import type { ApiAccess } from "./api-access.ts";
import { faultOfReply, networkFault } from "./api-reply.ts";
import type { ApiFault } from "./api-reply.ts";

/** An open reply; `body` has to be read or destroyed. */
export interface ApiReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Readable;
}

/** How long things may take, milliseconds where nothing else is said. */
export interface ApiTimes {
  /** A ping goes out after so long, and its answer has as long to come. */
  readonly pingMs: number;
  /** For the headers of a reply. */
  readonly replyMs: number;
  /** Seconds that a watch lasts, from and to: by HTTP/1.1 its end is the only sign of life that is sure to come. */
  readonly watchSeconds: { readonly h2: readonly [number, number]; readonly h1: readonly [number, number] };
  /** How much longer a watch may last than it should before its server is taken for gone. */
  readonly lateMs: number;
  /** Everything is compared with a new list this often. */
  readonly compareMs: number;
}

const TIMES: ApiTimes = {
  pingMs: 15_000,
  replyMs: 30_000,
  watchSeconds: { h2: [300, 600], h1: [40, 50] },
  lateMs: 8_000,
  compareMs: 600_000,
};
/** Flow-control windows for large lists, bytes. */
const WINDOW_SIZE = 4 << 20;
const ERROR_BODY_MAX = 64 << 10;

export class ApiConnection {
  readonly times: ApiTimes;
  readonly #access: ApiAccess;
  readonly #agent: HttpAgent | HttpsAgent;
  #isHttp2: boolean;
  #session: ClientHttp2Session | undefined;
  #opening: Promise<ClientHttp2Session> | undefined;
  #pinging: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(access: ApiAccess, times: Partial<ApiTimes> = {}) {
    this.times = { ...TIMES, ...times };
    this.#access = access;
    this.#isHttp2 = access.server.startsWith("https:");
    this.#agent = new (this.#isHttp2 ? HttpsAgent : HttpAgent)({ keepAlive: true });
  }

  /**
   * Asks for a path; resolves when the headers are there. A reply that is no success is a fault. Never rejects.
   * `toPath` gets the seconds that a watch is to last.
   */
  async get(
    toPath: (watchSeconds: number) => string,
    signal: AbortSignal,
  ): Promise<ApiReply | { readonly fault: ApiFault }> {
    try {
      const authorization = await this.#access.credentials.authorization();
      const headers = { accept: "application/json", ...(authorization !== undefined && { authorization }) };
      const reply = await this.#request(toPath, headers, signal);
      if (reply.status >= 200 && reply.status < 300) return reply;
      const fault = faultOfReply(reply.status, reply.retryAfter, await readBody(reply.body, ERROR_BODY_MAX));
      if (fault.kind === "unauthorized") this.#access.credentials.refresh();
      return { fault };
    } catch (error) {
      return { fault: networkFault(error) };
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#endSession();
    this.#agent.destroy();
  }

  async #request(
    toPath: (watchSeconds: number) => string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ApiReply> {
    if (!this.#isHttp2) return this.#requestHttp1(toPath(spread(this.times.watchSeconds.h1)), headers, signal);
    try {
      return await this.#requestHttp2(toPath(spread(this.times.watchSeconds.h2)), headers, signal);
    } catch (error) {
      if (!isWithoutHttp2(error) || this.#isClosed) throw error;
      this.#isHttp2 = false;
      this.#endSession();
      return this.#requestHttp1(toPath(spread(this.times.watchSeconds.h1)), headers, signal);
    }
  }

  async #requestHttp2(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiReply> {
    const session = await this.#openSession();
    const stream = session.request({ ":path": path, ...headers }, { signal, endStream: true });
    const body = bodyOf(stream);
    const [head] = (await untilReply(stream, "response", this.times.replyMs)) as [Record<string, unknown>];
    return { status: Number(head[":status"]), retryAfter: head["retry-after"] as string | undefined, body };
  }

  async #requestHttp1(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiReply> {
    const { server } = this.#access;
    const send = server.startsWith("https:") ? httpsRequest : httpRequest;
    const sent = send(server + path, { agent: this.#agent, headers, signal, ...(await this.#access.tls()) });
    sent.end();
    const [response] = (await untilReply(sent, "response", this.times.replyMs)) as [IncomingMessage];
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body: response };
  }

  /** The session that is open or being opened, else a new one: all requests share it. */
  #openSession(): Promise<ClientHttp2Session> {
    if (this.#opening !== undefined && this.#session?.closed !== true && this.#session?.destroyed !== true)
      return this.#opening;
    this.#endSession();
    this.#opening = this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<ClientHttp2Session> {
    const settings = { initialWindowSize: WINDOW_SIZE, enablePush: false };
    const session = connect(this.#access.server, { ...(await this.#access.tls()), settings });
    this.#session = session;
    // Streams report what ends them.
    session.on("error", () => undefined);
    session.on("goaway", () => session.close());
    this.#pinging = setInterval(() => this.#ping(session), this.times.pingMs).unref();
    await untilReply(session, "connect", this.times.replyMs);
    session.setLocalWindowSize(WINDOW_SIZE);
    return session;
  }

  #ping(session: ClientHttp2Session): void {
    if (session.destroyed || session.connecting) return;
    const lost = setTimeout(
      () => session.destroy(new Error("the API server does not answer a ping")),
      this.times.pingMs,
    );
    session.ping(() => clearTimeout(lost));
    lost.unref();
  }

  #endSession(): void {
    clearInterval(this.#pinging);
    this.#session?.destroy();
    this.#session = undefined;
    this.#opening = undefined;
  }
}

/** A time of the range; watches of many replicas do not end together. */
function spread([min, max]: readonly [number, number]): number {
  return Math.round(min + Math.random() * (max - min));
}

/** The body of an HTTP/2 stream, which Node.js can't read by iteration once the server has ended the stream. */
function bodyOf(stream: ClientHttp2Stream): Readable {
  const body = new PassThrough();
  // Who waits for the head hears of an error there.
  body.on("error", () => undefined);
  stream.pipe(body);
  stream.on("error", (error) => body.destroy(error));
  stream.on("close", () => {
    if (!stream.readableEnded) body.destroy(new Error("the API server closed the connection"));
  });
  body.on("close", () => stream.close(constants.NGHTTP2_CANCEL));
  return body;
}

interface Sender extends EventEmitter {
  destroy(error: Error): unknown;
}

/** Resolves with the event's arguments; ends the sender and rejects if none comes in time. */
async function untilReply(sender: Sender, event: string, limitMs: number): Promise<unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
  const timer = setTimeout(() => {
    sender.destroy(new Error(`the API server sends nothing for ${limitMs / 1000} s`));
  }, limitMs).unref();
  sender.once(event, (...args: unknown[]) => resolve(args));
  sender.on("error", reject);
  sender.once("close", () => reject(new Error("the API server closed the connection")));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the server, or a proxy before it, has no HTTP/2. */
function isWithoutHttp2(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" || code === "ERR_HTTP2_ERROR";
}

/** The body as text. Rejects if it is larger than `bytesMax`. */
export async function readBody(body: Readable, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > bytesMax) throw new Error(`the API server sent more than ${bytesMax} bytes at once`);
  }
  return Buffer.concat(chunks).toString();
}
