// What every request to the admin server has to pass, and the headers that every response has: no site in a browser may
// read what the server shows, by a name that it points to a private address (DNS rebinding) or from its own pages.
import type { MiddlewareHandler } from "hono";
import { parseIp } from "../net/ip.ts";

const METHODS = ["GET", "HEAD"];

/** Headers of every response; a route that sets one of them keeps its own. */
const RESPONSE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Adds the headers that a response lacks. */
export const setResponseHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(RESPONSE_HEADERS)) if (!c.res.headers.has(name)) c.header(name, value);
};

/**
 * Refuses requests by a name that is not in `hosts`, is no address and is not `localhost`. Only HTTP/1.0, which no
 * browser speaks, has requests without a name.
 */
export function checkHost(hosts: readonly string[]): MiddlewareHandler {
  const names = new Set(["localhost", ...hosts.map((host) => host.toLowerCase())]);
  return async (c, next) => {
    const header = c.req.header("host") ?? "";
    const host = hostOf(header);
    if (header === "" || names.has(host) || parseIp(host) !== undefined) return next();
    const name = JSON.stringify(header);
    return c.text(`${name} is no name of this server: use its address, or list the name in --admin-host\n`, 421);
  };
}

/** The host of a Host header, in lower case, without port, brackets or last dot; empty where there is none. */
function hostOf(header: string): string {
  const { bracketed, plain } = HOST.exec(header)?.groups ?? {};
  return (bracketed ?? plain ?? "").toLowerCase().replace(/\.$/, "");
}

const HOST = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:]*))(?::\d*)?$/;

/** Refuses requests that could change something, and those with a body. */
export const checkMethod: MiddlewareHandler = async (c, next) => {
  const allow = METHODS.join(", ");
  if (!METHODS.includes(c.req.method)) return c.text(`use ${allow}\n`, 405, { allow, connection: "close" });
  const hasBody = (c.req.header("content-length") ?? "0") !== "0" || c.req.header("transfer-encoding") !== undefined;
  return hasBody ? c.text("a request to read has no body\n", 413, { connection: "close" }) : next();
};
