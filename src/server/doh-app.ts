// DNS over HTTPS as requests and responses (RFC 8484): which requests are queries, and which status the others get.
// Knows no sockets. Sizes are checked before anything is decoded; every response says how long it may be kept.
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
 * Characters of a URL's path and query. Well below the 64 KiB at which HTTP/2 here closes the connection instead of
 * telling the status; queries of more than 24 kB are for POST.
 */
export const TARGET_SIZE_MAX = 32 * 1024;

/** Why a request's body could not be had: it has too many bytes, there is no room for it now, its client has gone. */
export type BodyFault = "too large" | "no room" | "cut";

/** What the app must know of a request beside the request itself. */
export interface DohRequest {
  readonly client: Client;
  /** The whole body, when it has at most `limit` bytes. */
  readBody(limit: number): Promise<Uint8Array | BodyFault>;
  /** Whether there is room for so many bytes more until the exchange ends. */
  reserve(bytes: number): boolean;
}

interface DohEnv {
  readonly Bindings: DohRequest;
}
type DohContext = Context<DohEnv>;

/** From a request, with its exchange as the environment, to its response. */
export type DohApp = Hono<DohEnv>;

const BODY_STATUS = { "too large": 413, "no room": 503, cut: 400 } as const;
const BODY_TEXT = {
  "too large": `a DNS message has at most ${MESSAGE_SIZE_MAX} bytes\n`,
  "no room": "too much is being asked on this connection\n",
  cut: "the body ended early\n",
} as const;

/** The app that `answerer` answers through; what it throws goes to `onFault`. */
export function makeDohApp(answerer: LateAnswerer, { onFault }: TransportEvents): DohApp {
  /** Scratch room: its bytes are copied out before the next query. */
  const room = new Uint8Array(MESSAGE_SIZE_MAX);

  async function respond(c: DohContext, query: Uint8Array): Promise<Response> {
    const length = answerer.answer(query, 0, query.length, room, 0, c.env.client);
    const isLate = length === HAND_OVER;
    const reply = isLate ? await answerer.answerLate(query, c.env.client) : room.slice(0, length);
    if (reply.length === 0) return c.text("this is no DNS query\n", 400);
    if (!c.env.reserve(reply.length)) return c.text(BODY_TEXT["no room"], 503);
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
    if (size > TARGET_SIZE_MAX) return c.text(`a URL has at most ${TARGET_SIZE_MAX} characters here\n`, 414);
    if (!c.env.reserve(size)) return c.text(BODY_TEXT["no room"], 503);
    return next();
  });
  // A HEAD is a GET whose body hono leaves out.
  app.get(DOH_PATH, async (c) => {
    const query = parseDnsParameter(c.req.query("dns"));
    if (query === undefined) return c.text("dns= must be a DNS message in base64url without padding\n", 400);
    return respond(c, query);
  });
  app.post(DOH_PATH, async (c) => {
    if (!isDnsMessage(c.req.header("content-type"))) return c.text(`the body must be ${MEDIA_TYPE}\n`, 415);
    const body = await c.env.readBody(MESSAGE_SIZE_MAX);
    return typeof body === "string" ? c.text(BODY_TEXT[body], BODY_STATUS[body]) : respond(c, body);
  });
  app.all(DOH_PATH, (c) => c.text(`use ${METHODS}\n`, 405, { allow: METHODS }));
  app.notFound((c) => c.text(`DNS is asked at ${DOH_PATH}\n`, 404));
  app.onError((thrown, c) => {
    onFault(asError(thrown));
    return c.text("the server has a fault\n", 500);
  });
  return app;
}

/** How many characters of the URL are its path and query. */
function targetSize(url: string): number {
  return url.length - url.indexOf("/", url.indexOf("//") + 2);
}

function isDnsMessage(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]!.trim().toLowerCase() === MEDIA_TYPE;
}

/** The bytes of base64url without padding (RFC 8484 6); undefined when it is none, or empty. */
export function parseDnsParameter(text: string | undefined): Uint8Array | undefined {
  // One character more than whole groups of four holds no byte.
  if (text === undefined || text === "" || text.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, "base64url"));
}
