// The grammar of upstreams and stub domains. Pure.
// An upstream is an address, never a host name: resolving the name of a resolver would need the resolver. RFC 7858
// (TLS) and RFC 8484 (HTTPS) give the default ports; `#NAME` is the name that the certificate must have, and
// `?KEY=VALUE&...` says more of the upstream.
import { formatIp, parseIp } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import { parseWholeNumber } from "./option-values.ts";
import type { Parsed } from "./option-values.ts";
import type { Upstream } from "../net/upstream.ts";

/** A domain, in lower case without a trailing dot, and an upstream that names in it are forwarded to, or none. */
export interface StubDomain {
  readonly domain: string;
  readonly upstream: Upstream | "none";
}

/** A value of `--upstream`: an upstream, none, or a resolv.conf that lists some. */
export type UpstreamChoice = Upstream | "none" | { readonly file: string };

const DEFAULT_PORT = { udp: 53, tcp: 53, tls: 853, https: 443 } as const;
const PROTOCOLS = Object.keys(DEFAULT_PORT) as (keyof typeof DEFAULT_PORT)[];
const DEFAULT_PATH = "/dns-query";
const EXAMPLES =
  "10.0.0.53, tcp://10.0.0.53:53, tls://10.0.0.53#dns.example or https://10.0.0.53/dns-query#dns.example";
const SERVER_NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/;

/** What parameters say of an upstream; the files of the client's certificate come one by one. */
interface Parameters extends Pick<Upstream, "edns" | "caFile" | "pins"> {
  readonly certFile?: string;
  readonly keyFile?: string;
}

const PIN_BYTES = 32;

/** What a parameter says of an upstream, by its key. */
const PARAMETERS: Readonly<Record<string, (value: string) => Parsed<Parameters>>> = {
  ca: (value) => parseFile("ca", value, (caFile) => ({ caFile })),
  cert: (value) => parseFile("cert", value, (certFile) => ({ certFile })),
  key: (value) => parseFile("key", value, (keyFile) => ({ keyFile })),
  pin: (value) => {
    const bytes = Buffer.from(value, "base64");
    return bytes.length === PIN_BYTES && bytes.toString("base64") === value
      ? { value: { pins: [value] } }
      : { fault: `has pin=${value}, which is not the SHA-256 of a public key in base64 (44 characters)` };
  },
  edns: (value) => {
    if (value === "on") return { value: {} };
    return value === "off" ? { value: { edns: false } } : { fault: `has edns=${value}, which is neither on nor off` };
  },
};

/**
 * `[PROTOCOL://]IP[:PORT][/PATH][#NAME][?KEY=VALUE&...]`, IPv6 with a port in brackets; the protocol is udp, tcp, tls
 * or https. In the query of a path, keys of parameters are parameters too.
 */
export function parseUpstream(text: string): Parsed<Upstream> {
  const parts = /^(?:([^:/]*):\/\/)?([^/#?]*)(\/[^#]*)?(?:#([^?]*))?(?:\?(.*))?$/s.exec(text);
  const [scheme = "udp", authority = "", wholePath, name, given] = parts?.slice(1) ?? [];
  const { path, parameters: fromPath } = splitPath(wholePath);
  const protocol = PROTOCOLS.find((known) => known === scheme.toLowerCase());
  if (protocol === undefined) {
    const known = PROTOCOLS.map((each) => `${each}://`).join(", ");
    return { fault: `has an unknown protocol, not one of ${known}${didYouMean(scheme.toLowerCase(), PROTOCOLS)}` };
  }
  const address = parseAddress(authority, DEFAULT_PORT[protocol]);
  if ("fault" in address) return address;
  const parameters = parseParameters([...fromPath, ...(given?.split("&") ?? [])]);
  if ("fault" in parameters) return parameters;
  const fault = faultOfTls(parameters.value, protocol);
  if (fault !== undefined) return { fault };
  const { certFile: cert, keyFile: key, ...more } = parameters.value;
  const client = cert === undefined || key === undefined ? {} : { clientFiles: { cert, key } };
  const upstream = { text, protocol, ...address.value, ...more, ...client };
  if (path !== undefined && protocol !== "https") return { fault: "has a path, which only https:// takes" };
  if (path !== undefined && !PATH.test(path)) return { fault: `has a malformed path; an example is ${DEFAULT_PATH}` };
  const location = protocol === "https" ? { ...upstream, path: path ?? DEFAULT_PATH } : upstream;
  if (name === undefined) return { value: location };
  if (protocol === "udp" || protocol === "tcp") return { fault: "has a #NAME, which only tls:// and https:// take" };
  const serverName = name.toLowerCase().replace(/\.$/, "");
  if (!SERVER_NAME.test(serverName)) return { fault: "has a #NAME that is not a host name such as #dns.example" };
  return { value: { ...location, serverName } };
}

/** The path without those parts of its query that are parameters of the upstream. */
function splitPath(whole: string | undefined): { readonly path?: string; readonly parameters: readonly string[] } {
  if (whole === undefined) return { parameters: [] };
  const [path = "", query] = whole.split(/\?(.*)/s);
  if (query === undefined) return { path, parameters: [] };
  const isParameter = (pair: string): boolean => Object.hasOwn(PARAMETERS, pair.split("=", 1)[0]!);
  const pairs = query.split("&");
  const rest = pairs.filter((pair) => !isParameter(pair));
  return {
    path: [path, ...(rest.length === 0 ? [] : [rest.join("&")])].join("?"),
    parameters: pairs.filter(isParameter),
  };
}

function parseFile(key: string, value: string, fieldOf: (file: string) => Parameters): Parsed<Parameters> {
  return value === "" ? { fault: `has ${key}= without a file` } : { value: fieldOf(value) };
}

function faultOfTls(
  { caFile, certFile, keyFile, pins }: Parameters,
  protocol: Upstream["protocol"],
): string | undefined {
  const isOfTls = [caFile, certFile, keyFile, pins].some((value) => value !== undefined);
  if (isOfTls && protocol !== "tls" && protocol !== "https")
    return "has ca=, cert=, key= or pin=, which only tls:// and https:// take";
  const isHalf = (certFile === undefined) !== (keyFile === undefined);
  return isHalf ? "has cert= or key= alone: they go together" : undefined;
}

function parseParameters(pairs: readonly string[]): Parsed<Parameters> {
  let all: Parameters = {};
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split(/=(.*)/s);
    const known = Object.keys(PARAMETERS);
    const parse = Object.hasOwn(PARAMETERS, key) ? PARAMETERS[key] : undefined;
    if (parse === undefined)
      return { fault: `has an unknown parameter, ${key}=, not one of ${known.join(", ")}${didYouMean(key, known)}` };
    const parsed = parse(value);
    if ("fault" in parsed) return parsed;
    const pins = [...(all.pins ?? []), ...(parsed.value.pins ?? [])];
    all = { ...all, ...parsed.value, ...(pins.length > 0 && { pins }) };
  }
  return { value: all };
}

function parseAddress(authority: string, defaultPort: number): Parsed<{ host: string; port: number }> {
  // resolv.conf has IPv6 addresses without brackets; no port can follow these.
  const bare = parseIp(authority);
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(authority);
  const host = bare === undefined ? (parts?.[1] ?? parts?.[2] ?? "") : authority;
  const address = bare ?? parseIp(host);
  if (address === undefined || (parts?.[1] !== undefined && address.length !== 16)) {
    return { fault: `is not an upstream such as ${EXAMPLES}${hostAdvice(host)}` };
  }
  if (address.every((byte) => byte === 0)) return { fault: "has an address that no server can have" };
  const port = parseWholeNumber((bare === undefined ? parts?.[3] : undefined) ?? String(defaultPort), 1, 65_535);
  if ("fault" in port) return { fault: `has a port that ${port.fault}` };
  return { value: { host: formatIp(address), port: port.value } };
}

function hostAdvice(host: string): string {
  if (!/^[a-z0-9._-]*[a-z_-][a-z0-9._-]*$/i.test(host)) return "";
  return `; host names are not accepted: write the address, and for TLS the name after it: tls://10.0.0.53#${host}`;
}

/** An upstream, `none`, or the path of a resolv.conf; a path begins with a slash or a dot. */
export function parseUpstreamChoice(text: string): Parsed<UpstreamChoice> {
  if (text === "none") return { value: "none" };
  return /^[./]/.test(text) ? { value: { file: text } } : parseUpstream(text);
}

const DOMAIN = /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** `DOMAIN=UPSTREAM`, or `DOMAIN=none`. */
export function parseStubDomain(text: string): Parsed<StubDomain> {
  const [before = "", after] = text.split(/=(.*)/s);
  const domain = before.toLowerCase().replace(/\.$/, "");
  if (after === undefined) return { fault: "is not DOMAIN=UPSTREAM, such as consul.local=10.150.0.1:8600" };
  if (domain.length > 253 || !DOMAIN.test(domain))
    return { fault: "does not begin with a domain such as consul.local" };
  if (after === "none") return { value: { domain, upstream: "none" } };
  const upstream = parseUpstream(after);
  return "fault" in upstream ? upstream : { value: { domain, upstream: upstream.value } };
}
