// DNS over HTTPS as requests and responses (RFC 8484): which requests are queries, and the status of all others.
// Knows no sockets. Sizes are checked before anything is decoded; every reply has its cache lifetime.
import { type Context, Hono } from "hono";
import { HAND_OVER, type LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { freshnessOf } from "./doh-freshness.ts";
import { asError, type TransportEvents } from "./transport.ts";

const DOH_PATH = "/dns-query";
const MEDIA_TYPE = "application/dns-message";
const METHODS = "GET, HEAD, POST";

/**
 * Characters of a URL's path and query: queries of more than 24 kB need POST. At 64 KiB, node's HTTP/2 closes the
 * connection instead of answering with a status.
 */
export const TARGET_SIZE_MAX = 32 * 1024;

/** Why there is no body: too many bytes, the connection's limit of buffered bytes, or the client has gone. */
export type BodyFault = "too large" | "over limit" | "cut";

/** The part of a request that hono's `Request` lacks. */
export interface DohRequest {
  readonly client: Client;
  /** The whole body, if it has at most `limit` bytes. */
  readBody(limit: number): Promise<Uint8Array | BodyFault>;
  /** Reserves bytes of the connection's limit until the request ends; false: they would exceed it. */
  reserve(bytes: number): boolean;
}

interface DohEnv {
  readonly Bindings: DohRequest;
}
type DohContext = Context<DohEnv>;

/** Turns a request, with its `DohRequest` as the environment, into its response. */
export type DohApp = Hono<DohEnv>;

const BODY_STATUS = { "too large": 413, "over limit": 503, cut: 400 } as const;
const BODY_TEXT = {
  "too large": `a DNS message has at most ${MESSAGE_SIZE_MAX} bytes\n`,
  "over limit": "too many bytes are pending on this connection; retry later\n",
  cut: "the body is incomplete\n",
} as const;

/** The app that answers queries by `answerer`. What the answerer throws goes to `onFault` and is status 500. */
export function makeDohApp(answerer: LateAnswerer, { onFault }: TransportEvents): DohApp {
  /** Each reply is copied out before the next query. */
  const buffer = new Uint8Array(MESSAGE_SIZE_MAX);

  async function respond(c: DohContext, query: Uint8Array): Promise<Response> {
    const length = answerer.answer(query, 0, query.length, buffer, 0, c.env.client);
    const isLate = length === HAND_OVER;
    const reply = isLate ? await answerer.answerLate(query, c.env.client) : buffer.slice(0, length);
    if (reply.length === 0) return c.text("not a DNS query\n", 400);
    if (!c.env.reserve(reply.length)) return c.text(BODY_TEXT["over limit"], 503);
    const seconds = freshnessOf(reply);
    return c.body(new Uint8Array(reply), 200, {
      "content-type": MEDIA_TYPE,
      "content-length": String(reply.length),
      "cache-control": seconds === undefined ? "no-store" : `max-age=${seconds}`,
    });
  }

  const app: DohApp = new Hono();
  app.use(async (c, next) => {
    const size = targetSize(c.req.url);
    if (size > TARGET_SIZE_MAX) return c.text(`the URL has more than ${TARGET_SIZE_MAX} characters; use POST\n`, 414);
    if (!c.env.reserve(size)) return c.text(BODY_TEXT["over limit"], 503);
    return next();
  });
  // Hono answers HEAD by this route and leaves out the body.
  app.get(DOH_PATH, async (c) => {
    const query = parseDnsParameter(c.req.query("dns"));
    if (query === undefined) return c.text("dns= must be a DNS message in base64url without padding\n", 400);
    return respond(c, query);
  });
  app.post(DOH_PATH, async (c) => {
    if (!isDnsMessage(c.req.header("content-type"))) return c.text(`content-type must be ${MEDIA_TYPE}\n`, 415);
    const body = await c.env.readBody(MESSAGE_SIZE_MAX);
    return typeof body === "string" ? c.text(BODY_TEXT[body], BODY_STATUS[body]) : respond(c, body);
  });
  app.all(DOH_PATH, (c) => c.text(`use ${METHODS}\n`, 405, { allow: METHODS }));
  app.notFound((c) => c.text(`DNS over HTTPS is served at ${DOH_PATH}\n`, 404));
  app.onError((thrown, c) => {
    onFault(asError(thrown));
    return c.text("internal server error\n", 500);
  });
  return app;
}

/** The number of characters of the URL's path and query. */
function targetSize(url: string): number {
  return url.length - url.indexOf("/", url.indexOf("//") + 2);
}

function isDnsMessage(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]!.trim().toLowerCase() === MEDIA_TYPE;
}

/** The bytes of base64url without padding (RFC 8484 6); undefined if `text` is empty or anything else. */
export function parseDnsParameter(text: string | undefined): Uint8Array | undefined {
  // A single character after whole groups of four holds no byte.
  if (text === undefined || text === "" || text.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, "base64url"));
}
