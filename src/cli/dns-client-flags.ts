// The flags that commands which ask DNS servers share: whom they ask, and how long they wait. Pure.
// An address, never a host name: resolving the name of a resolver would need the resolver.
import { parseListenAddress } from "../config/option-values.ts";
import type { Parsed } from "../config/option-values.ts";
import { dialHost } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";

/** `ADDR[:PORT]` of a server that is asked over UDP and TCP. */
export function parseDnsServer(text: string): Parsed<ListenAddress> {
  const server = parseListenAddress(text);
  if ("fault" in server) return server;
  const { scheme, host, port } = server.value;
  if (scheme !== undefined) return { fault: "is not plain DNS: give ADDR or ADDR:PORT" };
  return port === 0 ? { fault: "has port 0, on which no server listens" } : { value: { host: dialHost(host), port } };
}

/** Seconds, such as 2.5, above zero; the value is in milliseconds. */
export function parseTimeout(text: string, secondsMax: number): Parsed<number> {
  const seconds = /^\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= secondsMax) return { value: seconds * 1000 };
  return { fault: `is not a number of seconds up to ${secondsMax}` };
}
