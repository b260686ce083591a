// Requests to an API server, by HTTP/2, or by HTTP/1.1 where the server or a proxy has no other. A connection without a
// sign of life ends: by HTTP/2 a ping tells, by HTTP/1.1 a watch that lasts too long does.
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { constants } from "node:http2";
import type { ClientHttp2Stream } from "node:http2";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import type { ApiAccess, ApiTls } from "./api-access.ts";
import { faultOfReply, networkFault } from "./api-reply.ts";
import type { ApiFault } from "./api-reply.ts";
import { Http2Sessions, WithoutHttp2 } from "./http2-sessions.ts";
import { untilEvent } from "./until-event.ts";

/** An open reply; `body` has to be read or destroyed. */
export interface ApiReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** How long the request asked a watch to last. */
  readonly watchSeconds: number;
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
  /** A server that is away for less is none of the operator's business. */
  readonly staleMs: number;
}

const TIMES: ApiTimes = {
  pingMs: 15_000,
  replyMs: 30_000,
  watchSeconds: { h2: [300, 600], h1: [40, 50] },
  lateMs: 8_000,
  compareMs: 600_000,
  staleMs: 5_000,
};
const ERROR_BODY_MAX = 64 << 10;
/** A body may pause for so long. */
const IDLE_MS = 30_000;

export class ApiConnection {
  readonly times: ApiTimes;
  readonly #access: ApiAccess;
  readonly #agent: HttpAgent | HttpsAgent;
  /** Undefined: the server has no HTTP/2. */
  #sessions: Http2Sessions | undefined;
  readonly #closing = new AbortController();

  constructor(access: ApiAccess, times: Partial<ApiTimes> = {}) {
    this.times = { ...TIMES, ...times };
    this.#access = access;
    const { server } = access;
    const tls = (): Promise<ApiTls> => access.tls(this.#closing.signal);
    const { pingMs, replyMs: connectMs } = this.times;
    const isEncrypted = server.startsWith("https:");
    this.#agent = new (isEncrypted ? HttpsAgent : HttpAgent)({ keepAlive: true });
    if (isEncrypted) this.#sessions = new Http2Sessions({ server, tls, pingMs, connectMs });
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
      const authorization = await this.#access.credentials.authorization(this.#closing.signal);
      signal.throwIfAborted();
      const headers = { accept: "application/json", ...(authorization !== undefined && { authorization }) };
      const reply = await this.#request(toPath, headers, signal);
      if (reply.status >= 200 && reply.status < 300) return reply;
      const body = await readBody(reply.body, ERROR_BODY_MAX, this.times.replyMs);
      const fault = faultOfReply(reply.status, reply.retryAfter, body);
      if (fault.kind === "unauthorized") {
        this.#access.credentials.refresh(authorization);
        // A client certificate counts for a whole connection.
        this.#sessions?.retire();
      }
      return { fault };
    } catch (error) {
      return { fault: networkFault(error) };
    }
  }

  close(): void {
    this.#closing.abort();
    this.#sessions?.close();
    this.#agent.destroy();
  }

  async #request(
    toPath: (watchSeconds: number) => string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ApiReply> {
    const { h1, h2 } = this.times.watchSeconds;
    if (this.#sessions === undefined) return this.#requestHttp1(toPath, spread(h1), headers, signal);
    try {
      const watchSeconds = spread(h2);
      const stream = await this.#sessions.request({ ":path": toPath(watchSeconds), ...headers }, signal);
      const body = bodyOf(stream);
      const [head] = (await untilEvent(stream, "response", this.times.replyMs)) as [Record<string, unknown>];
      const retryAfter = head["retry-after"] as string | undefined;
      return { status: Number(head[":status"]), retryAfter, watchSeconds, body };
    } catch (error) {
      if (!(error instanceof WithoutHttp2)) throw error;
      this.#sessions = undefined;
      return this.#requestHttp1(toPath, spread(h1), headers, signal);
    }
  }

  async #requestHttp1(
    toPath: (watchSeconds: number) => string,
    watchSeconds: number,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ApiReply> {
    const { server } = this.#access;
    const path = toPath(watchSeconds);
    const send = server.startsWith("https:") ? httpsRequest : httpRequest;
    const sent = send(server + path, {
      agent: this.#agent,
      headers,
      signal,
      ...(await this.#access.tls(this.#closing.signal)),
    });
    sent.end();
    const [response] = (await untilEvent(sent, "response", this.times.replyMs)) as [IncomingMessage];
    const { statusCode = 0, headers: head } = response;
    return { status: statusCode, retryAfter: head["retry-after"], watchSeconds, body: response };
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

/** The body as text. Rejects if it is larger than `bytesMax`, or pauses for longer than `idleMs`. */
export async function readBody(body: Readable, bytesMax: number, idleMs = IDLE_MS): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const idle = setTimeout(() => {
    body.destroy(new Error(`the API server sends nothing for ${idleMs / 1000} s`));
  }, idleMs).unref();
  try {
    for await (const chunk of body) {
      idle.refresh();
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > bytesMax) throw new Error(`the API server sent more than ${bytesMax} bytes at once`);
    }
  } finally {
    clearTimeout(idle);
  }
  return Buffer.concat(chunks).toString();
}
