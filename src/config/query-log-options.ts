// The options of the query log and of dnstap.
// Rows of the option table.
import { lowerName, parseName } from "../dns/name.ts";
import { RCODE } from "../dns/constants.ts";
import { parseCidr, parseIp } from "../net/ip.ts";
import type { Cidr } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import type { OptionRow } from "./option-row.ts";
import { choiceOf, parseHostAndPort, parsePrefix, parseSocketPath } from "./option-values.ts";
import type { Parsed } from "./option-values.ts";

/** One query in so many by random, of each class of answers; 0: none. */
export interface QueryLogSample {
  readonly success: number;
  readonly denial: number;
  readonly error: number;
}

/** Where dnstap goes. */
export type DnstapTarget = { readonly path: string } | { readonly host: string; readonly port: number };

const SAMPLES: Readonly<Record<string, QueryLogSample>> = {
  off: { success: 0, denial: 0, error: 0 },
  all: { success: 1, denial: 1, error: 1 },
  success: { success: 1, denial: 0, error: 0 },
  denial: { success: 0, denial: 1, error: 0 },
  error: { success: 0, denial: 0, error: 1 },
  errors: { success: 0, denial: 0, error: 1 },
};
const SAMPLE_MAX = 1_000_000;
const SLOWER_THAN_MS_MAX = 60_000;
const FORMATS = ["json", "coredns"] as const;
const RCODES = new Map<string, number>(Object.entries(RCODE));
const DNSTAP_PORT = "6000";

export const QUERY_LOG_OPTIONS = {
  /** Which queries to log: `all`, classes of answers, or a part of them by random. */
  queryLog: {
    field: null,
    form: "list",
    placeholder: "WHAT,…",
    default: "off",
    help:
      "Which queries to log: off, all, errors (every rcode but NOERROR and NXDOMAIN), success, denial (no such name " +
      "or type), or sample:1/N, one in N by random. Several add up: errors,sample:1/100",
    example: "errors,sample:1/100",
    parse: parseQueryLogSample,
  },
  /** Log only queries for these names and those below them. */
  queryLogName: {
    field: "queryLogNames",
    form: "list",
    placeholder: "DOMAIN,…",
    help: "Log only queries for names in these domains. Without it, for all",
    example: "shop.svc.cluster.local,example.com",
    parse: parseDomain,
  },
  /** Log only queries of clients in these prefixes. */
  queryLogClient: {
    field: "queryLogClients",
    form: "list",
    placeholder: "CIDR,…",
    help: "Log only queries of these clients, by address or prefix. Without it, of all",
    example: "10.244.1.0/24,10.244.2.7",
    parse: parseClient,
  },
  /** Log only queries whose answers have one of these rcodes. */
  queryLogRcode: {
    field: "queryLogRcodes",
    form: "list",
    placeholder: "RCODE,…",
    help: "Log only queries with these response codes. Without it, with any",
    example: "SERVFAIL,REFUSED",
    parse: parseRcode,
  },
  /** Log only queries whose answers took at least that long, in milliseconds. */
  queryLogSlowerThan: {
    field: "queryLogSlowerThanMs",
    form: "number",
    placeholder: "MILLISECONDS",
    default: "0",
    help:
      `Log only queries whose answers took at least that long, at most ${SLOWER_THAN_MS_MAX}; fractions are ` +
      "possible",
    example: "0.5",
    parse: parseMilliseconds,
  },
  /** How a logged query is written: as JSON, or in CoreDNS's common log format. */
  queryLogFormat: {
    ...choiceOf(FORMATS),
    placeholder: "FORMAT",
    default: "json",
    help: "How to write a query: json, on a terminal a readable line; or coredns, the common log format of CoreDNS",
    example: "coredns",
  },
  /** Where to send all queries and answers as dnstap: `unix:PATH` or `tcp:ADDR[:PORT]`. */
  dnstap: {
    form: "text",
    placeholder: "TARGET",
    help:
      "Send every query and answer, with their bytes, to a receiver of dnstap (frame streams): unix:PATH or " +
      `tcp:ADDR[:PORT], port ${DNSTAP_PORT} without one. What it does not take in time is dropped and counted`,
    example: "unix:/run/dnstap.sock",
    parse: parseDnstapTarget,
  },
} as const satisfies Readonly<Record<string, OptionRow>>;

function parseQueryLogSample(text: string): Parsed<QueryLogSample> {
  const sample = SAMPLES[text];
  if (sample !== undefined) return { value: sample };
  const count = /^sample:1\/(\d+)$/.exec(text)?.[1];
  const every = Number(count);
  if (count !== undefined && every >= 1 && every <= SAMPLE_MAX)
    return { value: { success: every, denial: every, error: every } };
  if (text.startsWith("sample")) return { fault: `is not a sample such as sample:1/100, with at most ${SAMPLE_MAX}` };
  const words = Object.keys(SAMPLES);
  return { fault: `is not one of ${words.join(", ")}, or sample:1/N${didYouMean(text, words)}` };
}

/** In wire form and lower case. */
function parseDomain(text: string): Parsed<Uint8Array> {
  const name = parseName(text);
  return name === undefined ? { fault: "is not a domain such as shop.svc.cluster.local" } : { value: lowerName(name) };
}

function parseClient(text: string): Parsed<Cidr> {
  const bytes = parseIp(text);
  const whole = bytes === undefined ? undefined : parseCidr(`${text}/${bytes.length * 8}`);
  return whole === undefined ? parsePrefix(text) : { value: whole };
}

function parseRcode(text: string): Parsed<number> {
  const code = RCODES.get(text.toUpperCase());
  if (code !== undefined) return { value: code };
  const known = [...RCODES.keys()];
  return { fault: `is not one of ${known.join(", ")}${didYouMean(text.toUpperCase(), known)}` };
}

function parseMilliseconds(text: string): Parsed<number> {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= SLOWER_THAN_MS_MAX) return { value };
  return { fault: `is not a number of milliseconds up to ${SLOWER_THAN_MS_MAX}, such as 5 or 0.5` };
}

/** Also `unix://PATH`, `tcp://ADDR` and a path alone, as CoreDNS writes them. */
function parseDnstapTarget(text: string): Parsed<DnstapTarget> {
  const { scheme = "unix", rest = "" } = /^(?:(?<scheme>unix|tcp):(?:\/\/)?)?(?<rest>.*)$/s.exec(text)?.groups ?? {};
  if (scheme === "tcp") return parseHostAndPort(rest, DNSTAP_PORT);
  if (!rest.startsWith("/")) return { fault: "is not a receiver such as unix:/run/dnstap.sock or tcp:127.0.0.1:6000" };
  const path = parseSocketPath(rest);
  return "fault" in path ? path : { value: { path: path.value } };
}
