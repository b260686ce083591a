// The options of what clients get: who may ask for what, how large answers are, how many there are, and what they tell.
// Rows of the option table.
import type { OptionRow } from "./option-row.ts";
import { choiceOf, parseFileName, parsePrefix, parseServerName, parseWholeNumber } from "./option-values.ts";

const EDNS_SIZE_MIN = 512;
const EDNS_SIZE_MAX = 4096;
const REASONS_MODES = ["off", "local", "all"] as const;
const RRL_RATE_MAX = 1_000_000;

export const CLIENT_OPTIONS = {
  /** Size of the largest UDP answer, in bytes. */
  ednsSize: {
    form: "number",
    placeholder: "BYTES",
    default: "1232",
    help: `Size of the largest answer over UDP, ${EDNS_SIZE_MIN} to ${EDNS_SIZE_MAX}; larger ones go over TCP`,
    example: "4096",
    parse: (text) => parseWholeNumber(text, EDNS_SIZE_MIN, EDNS_SIZE_MAX),
  },
  /** Size of the largest UDP answer to clients on loopback and pods, in bytes. */
  ednsSizeLocal: {
    form: "number",
    placeholder: "BYTES",
    help:
      "Size of the largest answer over UDP to clients on loopback or in --pod-cidr that take it, if it is more than " +
      `--edns-size; up to ${EDNS_SIZE_MAX}. Without it, --edns-size. An answer above the MTU of the network (a pod's ` +
      "has mostly 1,450 or 1,500) is sent in fragments",
    example: "1400",
    parse: (text) => parseWholeNumber(text, EDNS_SIZE_MIN, EDNS_SIZE_MAX),
  },
  /** Prefixes of clients that may query. */
  allow: {
    form: "list",
    placeholder: "CIDR,…",
    default: "0.0.0.0/0,::/0",
    help: "Clients that may query, by address; all others get REFUSED",
    example: "10.0.0.0/8,127.0.0.0/8",
    parse: parsePrefix,
  },
  /** Prefixes of clients that may query names that are not served here. */
  allowRecursion: {
    field: null,
    form: "list",
    placeholder: "CIDR,…",
    default: [
      "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16",
      "fc00::/7,fe80::/10,::1/128",
    ].join(","),
    help: "Clients that may query names that are not served here, besides those in --pod-cidr and --service-cidr",
    example: "10.0.0.0/8,127.0.0.0/8",
    parse: parsePrefix,
  },
  /** File with the secrets of DNS cookies; without it, the process makes up one. */
  cookieSecret: {
    field: "cookieSecretFile",
    form: "text",
    placeholder: "FILE",
    help:
      "Secrets of DNS cookies, 32 hexadecimal digits a line: the first makes cookies, a second is accepted as " +
      "well. Give all replicas the same file; it is reloaded when it changes. Without it, the process makes up one",
    example: "/etc/cluster-dns/cookie-secret",
    parse: parseFileName,
  },
  /** Server identifier (NSID, RFC 5001). */
  nsid: {
    form: "text",
    placeholder: "TEXT",
    help: "Server identifier in replies to NSID and id.server queries. Without it, none",
    example: "dns-2.eu-west",
    parse: parseServerName,
  },
  /** Which clients get to know why a question gets no records. */
  reasons: {
    ...choiceOf(REASONS_MODES),
    placeholder: "CLIENTS",
    default: "local",
    help:
      "Which clients get to know why a question gets no records, in an extended DNS error: local: those that " +
      "--allow-recursion admits; all: all that may query; off: none, they get codes alone",
    example: "all",
  },
  /** Answers per second over UDP to one network, for each kind of answer; without it, no limit. */
  rrl: {
    form: "number",
    placeholder: "RATE",
    help:
      "Response rate limit: answers per second over UDP to one network (IPv4 /24, IPv6 /56), for each kind of " +
      "answer; replies beyond it are truncated. Loopback, --pod-cidr and --service-cidr are exempt. Without it, no " +
      "limit",
    example: "50",
    parse: (text) => parseWholeNumber(text, 1, RRL_RATE_MAX),
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
