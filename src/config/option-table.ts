// The one table of options: name, form, default, limits, help and example of each. Flags, CLUSTER_DNS_… variables, the
// configuration file's keys, the settings of `serve()`, `--help` and docs/options.md all come from it.
// Adding an option is one row here, one field in options.ts and one line in build-options.ts.
import type { Cidr } from "../net/ip.ts";
import {
  parseChoice,
  parseClusterDomain,
  parseFileName,
  parseListenAddress,
  parseNamespaceName,
  parsePrefix,
  parseServerName,
  parseSwitch,
  parseWholeNumber,
} from "./option-values.ts";
import type { Parsed } from "./option-values.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { LogLevel, PodsMode, StubDomain, UdpTransport } from "./options.ts";
import type { UpstreamPolicy } from "../net/upstream.ts";
import { parseStubDomain, parseUpstreamChoice } from "./upstream-value.ts";
import type { UpstreamChoice } from "./upstream-value.ts";

/** How an option is written and explained. */
export interface OptionForm {
  /** `list`: may be repeated, or hold values with commas between. `switch`: true when written without a value. */
  readonly form: "text" | "number" | "switch" | "list";
  /** What stands behind the flag in help; empty for switches. */
  readonly placeholder: string;
  /** As a flag would give it; undefined: none, and `help` says what holds then. */
  readonly initial?: string;
  /** Sentences without a full stop at the end. */
  readonly help: string;
  /** A value that shows more than the default does. */
  readonly example: string;
}

/** A row of the table: `parse` takes the text of one value. */
export interface OptionRow<T> extends OptionForm {
  readonly parse: (text: string) => Parsed<T>;
}

/** The type of one value of each option. */
export interface OptionTypes {
  listen: ListenAddress;
  "fallback-port": number;
  "cluster-domain": string;
  ttl: number;
  "negative-ttl": number;
  pods: PodsMode;
  "endpoint-pod-names": boolean;
  "edns-size": number;
  namespace: string;
  upstream: UpstreamChoice;
  "upstream-policy": UpstreamPolicy;
  "upstream-mixed-case": boolean;
  "stub-domain": StubDomain;
  autopath: boolean;
  "cache-size": number;
  "serve-stale": number;
  allow: Cidr;
  "allow-recursion": Cidr;
  "tls-cert": string;
  "tls-key": string;
  "cookie-secret": string;
  nsid: string;
  rrl: number;
  "service-cidr": Cidr;
  "pod-cidr": Cidr;
  "simulate-pods": boolean;
  state: string;
  "udp-transport": UdpTransport;
  "udp-workers": number;
  "log-level": LogLevel;
}

export type OptionName = keyof OptionTypes;

const PODS_MODES: readonly PodsMode[] = ["insecure", "verified", "disabled"];
const UDP_TRANSPORTS: readonly UdpTransport[] = ["auto", "batch", "dgram"];
const UPSTREAM_POLICIES: readonly UpstreamPolicy[] = ["sequential", "random", "round-robin", "fastest"];
const LOG_LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];
const MAX_TTL_SECONDS = 3600;

/** Every option of a server, in the order that help shows them. */
export const OPTION_TABLE: { readonly [K in OptionName]: OptionRow<OptionTypes[K]> } = {
  listen: {
    form: "list",
    placeholder: "[SCHEME://]ADDR[:PORT]",
    initial: "127.0.0.1:53",
    help:
      "Address to answer on, over UDP and TCP; with tls:// or https:// over these alone. IPv6 in brackets; without a " +
      "port 53, 853 or 443; port 0 takes a free one. Host names are not accepted",
    example: "0.0.0.0:53,[::]:53",
    parse: parseListenAddress,
  },
  "fallback-port": {
    form: "number",
    placeholder: "PORT",
    help:
      "Port to take for each --listen address whose own port is taken or not permitted. " +
      "Without it, such an address is an error",
    example: "5300",
    parse: (text) => parseWholeNumber(text, 1, 65_535),
  },
  "cluster-domain": {
    form: "text",
    placeholder: "DOMAIN",
    initial: "cluster.local",
    help: "The domain that services and pods live under; at most 198 characters",
    example: "k8s.example.com",
    parse: parseClusterDomain,
  },
  ttl: {
    form: "number",
    placeholder: "SECONDS",
    initial: "30",
    help: `TTL of the records, 0 to ${MAX_TTL_SECONDS}`,
    example: "5",
    parse: (text) => parseWholeNumber(text, 0, MAX_TTL_SECONDS),
  },
  "negative-ttl": {
    form: "number",
    placeholder: "SECONDS",
    help:
      `How long others may remember that a name or type does not exist, 0 to ${MAX_TTL_SECONDS}. ` +
      "Without it, as --ttl",
    example: "0",
    parse: (text) => parseWholeNumber(text, 0, MAX_TTL_SECONDS),
  },
  pods: {
    form: "text",
    placeholder: "MODE",
    initial: "insecure",
    help:
      "Names of pods by address (10-244-1-5.default.pod.cluster.local): insecure answers any address, " +
      "verified those of running pods of that namespace, disabled none",
    example: "verified",
    parse: (text) => parseChoice(text, PODS_MODES),
  },
  "endpoint-pod-names": {
    form: "switch",
    placeholder: "",
    initial: "false",
    help: "Name an endpoint without a hostname after its pod, instead of after its address",
    example: "true",
    parse: parseSwitch,
  },
  "edns-size": {
    form: "number",
    placeholder: "BYTES",
    initial: "1232",
    help: "Largest answer over UDP, 512 to 4096; longer ones go over TCP",
    example: "4096",
    parse: (text) => parseWholeNumber(text, 512, 4096),
  },
  namespace: {
    form: "text",
    placeholder: "NAME",
    initial: "default",
    help: "Where objects live whose manifest names no namespace",
    example: "shop",
    parse: parseNamespaceName,
  },
  upstream: {
    form: "list",
    placeholder: "UPSTREAM,…",
    initial: "/etc/resolv.conf",
    help:
      "Where names are asked that are not served here: IP[:PORT], tcp://IP, tls://IP#NAME, https://IP/PATH#NAME, or " +
      "the path of a resolv.conf, which is followed. none: they are refused",
    example: "10.0.0.53,tls://192.0.2.53#dns.example",
    parse: parseUpstreamChoice,
  },
  "upstream-policy": {
    form: "text",
    placeholder: "POLICY",
    initial: "sequential",
    help: "Which upstream is asked first: sequential (in the order given), random, round-robin, fastest",
    example: "fastest",
    parse: (text) => parseChoice(text, UPSTREAM_POLICIES),
  },
  "upstream-mixed-case": {
    form: "switch",
    placeholder: "",
    initial: "false",
    help: "Ask upstreams in random letter case, which must come back: harder to forge, and not all of them keep it",
    example: "true",
    parse: parseSwitch,
  },
  "stub-domain": {
    form: "list",
    placeholder: "DOMAIN=UPSTREAM,…",
    help:
      "Ask for names in this domain there, whatever else is set: also for reverse names, private ones too. A domain " +
      "may be given more than once, with an upstream each time",
    example: "consul.local=10.150.0.1:8600,168.192.in-addr.arpa=192.168.0.1",
    parse: parseStubDomain,
  },
  autopath: {
    form: "switch",
    placeholder: "",
    initial: "false",
    help:
      "Answer a pod, known by its address, that asks for a name in the first domain of its search list with what it " +
      "would find at the end of its search",
    example: "true",
    parse: parseSwitch,
  },
  "cache-size": {
    form: "number",
    placeholder: "MEGABYTES",
    initial: "32",
    help: "Memory for answers of upstreams, 1 to 1024; taken at the start, and never more",
    example: "128",
    parse: (text) => parseWholeNumber(text, 1, 1024),
  },
  "serve-stale": {
    form: "number",
    placeholder: "SECONDS",
    initial: "86400",
    help: "How long past its time an answer is given while no upstream answers, at most 604800; 0: never",
    example: "3600",
    parse: (text) => parseWholeNumber(text, 0, 604_800),
  },
  allow: {
    form: "list",
    placeholder: "CIDR,…",
    initial: "0.0.0.0/0,::/0",
    help: "Who may ask, by address; all others are refused",
    example: "10.0.0.0/8,127.0.0.0/8",
    parse: parsePrefix,
  },
  "allow-recursion": {
    form: "list",
    placeholder: "CIDR,…",
    initial: [
      "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16",
      "fc00::/7,fe80::/10,::1/128",
    ].join(","),
    help: "Who may ask for names that are not served here, beside those of --pod-cidr and --service-cidr",
    example: "10.0.0.0/8,127.0.0.0/8",
    parse: parsePrefix,
  },
  "tls-cert": {
    form: "text",
    placeholder: "FILE",
    help: "The certificate, and those behind it, that tls:// and https:// show (PEM); read again when it changes",
    example: "/etc/cluster-dns/tls.crt",
    parse: parseFileName,
  },
  "tls-key": {
    form: "text",
    placeholder: "FILE",
    help: "The private key of --tls-cert (PEM)",
    example: "/etc/cluster-dns/tls.key",
    parse: parseFileName,
  },
  "cookie-secret": {
    form: "text",
    placeholder: "FILE",
    help:
      "Secrets of DNS cookies, 32 hexadecimal digits a line: the first one makes cookies, a second one is accepted " +
      "as well. The same file on all replicas; read again when it changes. Without it, a secret of this process alone",
    example: "/etc/cluster-dns/cookie-secret",
    parse: parseFileName,
  },
  nsid: {
    form: "text",
    placeholder: "TEXT",
    help: "What to tell those who ask which server this is (NSID, id.server). Without it, nothing",
    example: "dns-2.eu-west",
    parse: parseServerName,
  },
  rrl: {
    form: "number",
    placeholder: "RATE",
    help:
      "Most answers a second over UDP to one network (IPv4 /24, IPv6 /56), for each kind of answer; what is beyond " +
      "is answered by a truncated reply. Loopback, --pod-cidr and --service-cidr are exempt. Without it, no limit",
    example: "50",
    parse: (text) => parseWholeNumber(text, 1, 1_000_000),
  },
  "service-cidr": {
    form: "list",
    placeholder: "CIDR,…",
    initial: "10.96.0.0/12",
    help: "Ranges of cluster IPs, IPv4 and IPv6: the reverse names in them are answered here",
    example: "10.96.0.0/12,fd00:10:96::/112",
    parse: parsePrefix,
  },
  "pod-cidr": {
    form: "list",
    placeholder: "CIDR,…",
    initial: "10.244.0.0/16",
    help: "Ranges of pod addresses, IPv4 and IPv6: the reverse names in them are answered here",
    example: "10.244.0.0/16,fd00:10:244::/56",
    parse: parsePrefix,
  },
  "simulate-pods": {
    form: "switch",
    placeholder: "",
    initial: "true",
    help: "Make the pods of workloads (StatefulSets, Deployments, …) whose pods the manifests do not give",
    example: "false",
    parse: parseSwitch,
  },
  state: {
    form: "text",
    placeholder: "FILE",
    help:
      "Keep the addresses that were given to services and pods in this file, so that they never move. " +
      "Without it, they come from the names alone",
    example: "/var/lib/cluster-dns/state.json",
    parse: parseFileName,
  },
  "udp-transport": {
    form: "text",
    placeholder: "HOW",
    initial: "auto",
    help:
      "How datagrams are taken: batch (many in one system call, in threads of their own; Linux), dgram (node:dgram), " +
      "or auto: batch, and dgram where that can't be had",
    example: "dgram",
    parse: (text) => parseChoice(text, UDP_TRANSPORTS),
  },
  "udp-workers": {
    form: "number",
    placeholder: "COUNT",
    help:
      "Threads that answer in batches, for each address, 1 to 64. Without it, one less than the CPUs that this " +
      "process may use, at least 1 and at most 4",
    example: "2",
    parse: (text) => parseWholeNumber(text, 1, 64),
  },
  "log-level": {
    form: "text",
    placeholder: "LEVEL",
    initial: "info",
    help: `What is logged: ${LOG_LEVELS.join(", ")}`,
    example: "warn",
    parse: (text) => parseChoice(text, LOG_LEVELS),
  },
};

/** The file that gives options: a flag and a variable, but no key of the file itself. */
export const CONFIG_FILE: OptionForm & { readonly name: "config" } = {
  name: "config",
  form: "text",
  placeholder: "FILE",
  help: "Read options from this YAML file as well; its keys are the flags' names without the dashes",
  example: "cluster-dns.yaml",
};

/** The names of OPTION_TABLE's rows, in its order. */
export const OPTION_NAMES = Object.keys(OPTION_TABLE) as readonly OptionName[];

/** Whether the table has a row of this name. */
export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTION_TABLE, name);
}

/** `edns-size` to `--edns-size`. */
export function flagName(name: string): string {
  return `--${name}`;
}

/** `edns-size` to `CLUSTER_DNS_EDNS_SIZE`. */
export function variableName(name: string): string {
  return `CLUSTER_DNS_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** `edns-size` to `ednsSize`. */
export function settingName(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
