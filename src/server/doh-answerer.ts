// DNS over HTTPS as requests and replies (RFC 8484): which requests are queries, and the status of all others.
// Knows no sockets, and no version of HTTP. Sizes are checked before anything is decoded; every reply has its cache
// lifetime. A local name that is asked for by GET is answered at once, without a promise.
import { HAND_OVER, type LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { DNS_MESSAGE, isDnsMessage } from "../dns/media-type.ts";
import { freshnessOf } from "./doh-freshness.ts";
import { asError, type TransportEvents } from "./transport.ts";

const DOH_PATH = "/dns-query";
const METHODS = "GET, HEAD, POST";
/** The begin of most targets: what follows is the value, if it is base64url and nothing else. */
const USUAL_TARGET = `${DOH_PATH}?dns=`;

/**
 * Characters of a URL's path and query: queries of more than 24 kB need POST. At 64 KiB, node's HTTP/2 closes the
 * connection instead of answering with a status.
 */
export const TARGET_SIZE_MAX = 32 * 1024;

/** Why there is no body: too many bytes, the connection's limit of buffered bytes, or the client has gone. */
export type BodyFault = "too large" | "over limit" | "cut";

/** A request, of any version of HTTP. */
export interface DohRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly client: Client;
  /** The whole body, if it has at most `limit` bytes. */
  readBody(limit: number): Promise<Uint8Array | BodyFault>;
  /** Reserves bytes of the connection's limit until the request ends; false: they would exceed it. */
  reserve(bytes: number): boolean;
}

/** The reply to a request; to HEAD, it goes without its body. */
export interface DohReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

const BODY_STATUS = { "too large": 413, "over limit": 503, cut: 400 } as const;
const BODY_TEXT = {
  "too large": `a DNS message has at most ${MESSAGE_SIZE_MAX} bytes\n`,
  "over limit": "too many bytes are pending on this connection; retry later\n",
  cut: "the body is incomplete\n",
} as const;

export class DohAnswerer {
  readonly #answerer: LateAnswerer;
  readonly #onFault: TransportEvents["onFault"];
  /** Each reply is copied out before the next query. */
  readonly #buffer = new Uint8Array(MESSAGE_SIZE_MAX);

  constructor(answerer: LateAnswerer, { onFault }: TransportEvents) {
    this.#answerer = answerer;
    this.#onFault = onFault;
  }

  /** Never throws or rejects: what the answerer throws goes to `onFault` and is status 500. */
  respond(request: DohRequest): DohReply | Promise<DohReply> {
    try {
      const reply = this.#respond(request);
      return reply instanceof Promise ? reply.catch((thrown: unknown) => this.#failed(thrown)) : reply;
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  #respond(request: DohRequest): DohReply | Promise<DohReply> {
    const { method, target } = request;
    if (target.length > TARGET_SIZE_MAX)
      return text(414, `the URL has more than ${TARGET_SIZE_MAX} characters; use POST\n`);
    if (!request.reserve(target.length)) return text(503, BODY_TEXT["over limit"]);
    const queryAt = target.indexOf("?");
    if ((queryAt === -1 ? target : target.slice(0, queryAt)) !== DOH_PATH)
      return text(404, `DNS over HTTPS is served at ${DOH_PATH}\n`);
    if (method === "POST") return this.#respondToPost(request);
    if (method !== "GET" && method !== "HEAD") return text(405, `use ${METHODS}\n`, { allow: METHODS });
    const query = parseDnsParameter(dnsParameter(target, queryAt));
    if (query === undefined) return text(400, "dns= must be a DNS message in base64url without padding\n");
    return this.#answer(request, query);
  }

  async #respondToPost(request: DohRequest): Promise<DohReply> {
    if (!isDnsMessage(request.contentType)) return text(415, `content-type must be ${DNS_MESSAGE}\n`);
    const body = await request.readBody(MESSAGE_SIZE_MAX);
    return typeof body === "string" ? text(BODY_STATUS[body], BODY_TEXT[body]) : this.#answer(request, body);
  }

  #answer(request: DohRequest, query: Uint8Array): DohReply | Promise<DohReply> {
    const size = this.#answerer.answer(query, 0, query.length, this.#buffer, 0, request.client);
    if (size !== HAND_OVER) return replyOf(request, Buffer.copyBytesFrom(this.#buffer, 0, size));
    return this.#answerer.answerLate(query, request.client).then((reply) => replyOf(request, reply));
  }

  #failed(thrown: unknown): DohReply {
    this.#onFault(asError(thrown));
    return text(500, "internal server error\n");
  }
}

function replyOf(request: DohRequest, message: Uint8Array): DohReply {
  if (message.length === 0) return text(400, "not a DNS query\n");
  if (!request.reserve(message.length)) return text(503, BODY_TEXT["over limit"]);
  const seconds = freshnessOf(message);
  const headers = {
    "content-type": DNS_MESSAGE,
    "content-length": String(message.length),
    "cache-control": seconds === undefined ? "no-store" : `max-age=${seconds}`,
  };
  return { status: 200, headers, body: message };
}

function text(status: number, body: string, more: Readonly<Record<string, string>> = {}): DohReply {
  const headers = { "content-type": "text/plain; charset=utf-8", "content-length": String(body.length), ...more };
  return { status, headers, body };
}

/** The value of `dns` in the query of a target, which begins at `queryAt`; -1: there is none. */
function dnsParameter(target: string, queryAt: number): string | undefined {
  if (queryAt === -1) return undefined;
  const value = target.slice(USUAL_TARGET.length);
  if (target.startsWith(USUAL_TARGET) && /^[\w-]*$/.test(value)) return value;
  return new URLSearchParams(target.slice(queryAt)).get("dns") ?? undefined;
}

/** The bytes of base64url without padding (RFC 8484 6); undefined if `text` is empty or anything else. */
export function parseDnsParameter(text: string | undefined): Uint8Array | undefined {
  // A single character after whole groups of four holds no byte.
  if (text === undefined || text === "" || text.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "base64url"));
}
