// The one table of options. Each row has how an option is written and explained, its defaults, its grammar, and what it
// becomes in `Options`. Flags, CLUSTER_DNS_… variables, the configuration file's keys, the settings of `serve()`, all
// types of these, `--help` and docs/options.md follow from the rows (option-row.ts): adding an option is one row here.
import { UPSTREAM_POLICIES } from "../net/upstream.ts";
import type { OptionForm, OptionRow } from "./option-row.ts";
import {
  parseChoice,
  parseClusterDomain,
  parseFileName,
  parseListenAddress,
  parseMegabytes,
  parseNamespaceName,
  parsePrefix,
  parseServerName,
  parseSwitch,
  parseWholeNumber,
} from "./option-values.ts";
import { parseStubDomain, parseUpstreamChoice } from "./upstream-value.ts";

const PODS_MODES = ["insecure", "verified", "disabled"] as const;
const UDP_TRANSPORTS = ["auto", "batch", "dgram"] as const;
const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
const TTL_SECONDS_MAX = 3600;

/**
 * Every option, by the name of its setting, in the order that help shows them. Editors show a row's comment as that of
 * the setting of `serve()`.
 */
export const OPTION_TABLE = {
  /** `ADDR[:PORT]`, IPv6 in brackets, after `tls://` or `https://` for these; port 0 takes a free one. */
  listen: {
    form: "list",
    placeholder: "[SCHEME://]ADDR[:PORT]",
    default: "127.0.0.1:53",
    embeddedDefault: "127.0.0.1:0",
    help:
      "Address to answer on, over UDP and TCP; with tls:// or https:// over these alone. IPv6 in brackets; without a " +
      "port 53, 853 or 443; port 0 takes a free one. Host names are not accepted",
    example: "0.0.0.0:53,[::]:53",
    parse: parseListenAddress,
  },
  /** Taken for every `listen` address whose own port is taken or not permitted; without it, that is an error. */
  fallbackPort: {
    form: "number",
    placeholder: "PORT",
    help:
      "Port to take for each --listen address whose own port is taken or not permitted. " +
      "Without it, such an address is an error",
    example: "5300",
    parse: (text) => parseWholeNumber(text, 1, 65_535),
  },
  /** The domain that services and pods live under. */
  clusterDomain: {
    form: "text",
    placeholder: "DOMAIN",
    default: "cluster.local",
    help: "The domain that services and pods live under; at most 198 characters",
    example: "k8s.example.com",
    parse: parseClusterDomain,
  },
  /** TTL of the records, seconds. */
  ttl: {
    field: "ttlSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "30",
    help: `TTL of the records, 0 to ${TTL_SECONDS_MAX}`,
    example: "5",
    parse: (text) => parseWholeNumber(text, 0, TTL_SECONDS_MAX),
  },
  /** TTL of negative answers, seconds; without it, as `ttl`. */
  negativeTtl: {
    field: null,
    form: "number",
    placeholder: "SECONDS",
    help:
      `How long others may remember that a name or type does not exist, 0 to ${TTL_SECONDS_MAX}. ` +
      "Without it, as --ttl",
    example: "0",
    parse: (text) => parseWholeNumber(text, 0, TTL_SECONDS_MAX),
  },
  /** Which names of pods by address resolve: any, those of running pods, or none. */
  pods: {
    form: "text",
    placeholder: "MODE",
    default: "insecure",
    help:
      "Names of pods by address (10-244-1-5.default.pod.cluster.local): insecure answers any address, " +
      "verified those of running pods of that namespace, disabled none",
    example: "verified",
    parse: (text) => parseChoice(text, PODS_MODES),
  },
  /** Name an endpoint without a hostname after its pod. */
  endpointPodNames: {
    form: "switch",
    default: "false",
    help: "Name an endpoint without a hostname after its pod, instead of after its address",
    example: "true",
    parse: parseSwitch,
  },
  /** Largest UDP answer, bytes. */
  ednsSize: {
    form: "number",
    placeholder: "BYTES",
    default: "1232",
    help: "Largest answer over UDP, 512 to 4096; longer ones go over TCP",
    example: "4096",
    parse: (text) => parseWholeNumber(text, 512, 4096),
  },
  /** Where objects without a namespace live. */
  namespace: {
    form: "text",
    placeholder: "NAME",
    default: "default",
    help: "Where objects live whose manifest names no namespace",
    example: "shop",
    parse: parseNamespaceName,
  },
  /** `IP[:PORT]`, `tcp://IP`, `tls://IP#NAME`, `https://IP/PATH#NAME`, the path of a resolv.conf, or `none`. */
  upstream: {
    field: null,
    form: "list",
    placeholder: "UPSTREAM,…",
    default: "/etc/resolv.conf",
    embeddedDefault: "none",
    help:
      "Where names are asked that are not served here: IP[:PORT], tcp://IP, tls://IP#NAME, https://IP/PATH#NAME, or " +
      "the path of a resolv.conf, which is followed. none: they are refused",
    example: "10.0.0.53,tls://192.0.2.53#dns.example",
    parse: parseUpstreamChoice,
  },
  /** Which upstream is asked first. */
  upstreamPolicy: {
    form: "text",
    placeholder: "POLICY",
    default: "sequential",
    help: "Which upstream is asked first: sequential (in the order given), random, round-robin, fastest",
    example: "fastest",
    parse: (text) => parseChoice(text, UPSTREAM_POLICIES),
  },
  /** Random letter case in questions to upstreams, which must come back. */
  upstreamMixedCase: {
    form: "switch",
    default: "false",
    help: "Ask upstreams in random letter case, which must come back: harder to forge, and not all of them keep it",
    example: "true",
    parse: parseSwitch,
  },
  /** `DOMAIN=UPSTREAM`: names in this domain are forwarded to this upstream. */
  stubDomain: {
    field: "stubDomains",
    form: "list",
    placeholder: "DOMAIN=UPSTREAM,…",
    help:
      "Ask for names in this domain there, whatever else is set: also for reverse names, private ones too. A domain " +
      "may be given more than once, with an upstream each time",
    example: "consul.local=10.150.0.1:8600,168.192.in-addr.arpa=192.168.0.1",
    parse: parseStubDomain,
  },
  /** Walk the search list of the pod that asks. */
  autopath: {
    form: "switch",
    default: "false",
    help:
      "Answer a pod, known by its address, that asks for a name in the first domain of its search list with what it " +
      "would find at the end of its search",
    example: "true",
    parse: parseSwitch,
  },
  /** Memory for answers of upstreams, megabytes. */
  cacheSize: {
    field: "cacheBytes",
    form: "number",
    placeholder: "MEGABYTES",
    default: "32",
    embeddedDefault: "4",
    help: "Memory for answers of upstreams, 1 to 1024; taken at the start, and never more",
    example: "128",
    parse: parseMegabytes,
  },
  /** How long an expired answer may be served while no upstream answers, seconds; 0: never. */
  serveStale: {
    field: "staleSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "86400",
    help: "How long past its time an answer is given while no upstream answers, at most 604800; 0: never",
    example: "3600",
    parse: (text) => parseWholeNumber(text, 0, 604_800),
  },
  /** Prefixes of clients that may query. */
  allow: {
    form: "list",
    placeholder: "CIDR,…",
    default: "0.0.0.0/0,::/0",
    help: "Who may ask, by address; all others are refused",
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
    help: "Who may ask for names that are not served here, beside those of --pod-cidr and --service-cidr",
    example: "10.0.0.0/8,127.0.0.0/8",
    parse: parsePrefix,
  },
  /** PEM file of the certificate chain; goes with `tlsKey`. */
  tlsCert: {
    field: null,
    form: "text",
    placeholder: "FILE",
    help: "The certificate, and those behind it, that tls:// and https:// show (PEM); read again when it changes",
    example: "/etc/cluster-dns/tls.crt",
    parse: parseFileName,
  },
  /** PEM file of the private key; goes with `tlsCert`. */
  tlsKey: {
    field: null,
    form: "text",
    placeholder: "FILE",
    help: "The private key of --tls-cert (PEM)",
    example: "/etc/cluster-dns/tls.key",
    parse: parseFileName,
  },
  /** File of the secrets of DNS cookies; without it, a secret is made up at the start. */
  cookieSecret: {
    field: "cookieSecretFile",
    form: "text",
    placeholder: "FILE",
    help:
      "Secrets of DNS cookies, 32 hexadecimal digits a line: the first one makes cookies, a second one is accepted " +
      "as well. The same file on all replicas; read again when it changes. Without it, a secret of this process alone",
    example: "/etc/cluster-dns/cookie-secret",
    parse: parseFileName,
  },
  /** Name of this server for NSID (RFC 5001). */
  nsid: {
    form: "text",
    placeholder: "TEXT",
    help: "What to tell those who ask which server this is (NSID, id.server). Without it, nothing",
    example: "dns-2.eu-west",
    parse: parseServerName,
  },
  /** Answers a second over UDP to one network, of each kind; without it, no limit. */
  rrl: {
    form: "number",
    placeholder: "RATE",
    help:
      "Most answers a second over UDP to one network (IPv4 /24, IPv6 /56), for each kind of answer; what is beyond " +
      "is answered by a truncated reply. Loopback, --pod-cidr and --service-cidr are exempt. Without it, no limit",
    example: "50",
    parse: (text) => parseWholeNumber(text, 1, 1_000_000),
  },
  /** Prefixes of cluster IPs, whose reverse names are answered here. */
  serviceCidr: {
    field: "serviceCidrs",
    form: "list",
    placeholder: "CIDR,…",
    default: "10.96.0.0/12",
    help: "Ranges of cluster IPs, IPv4 and IPv6: the reverse names in them are answered here",
    example: "10.96.0.0/12,fd00:10:96::/112",
    parse: parsePrefix,
  },
  /** Prefixes of pod addresses, whose reverse names are answered here. */
  podCidr: {
    field: "podCidrs",
    form: "list",
    placeholder: "CIDR,…",
    default: "10.244.0.0/16",
    help: "Ranges of pod addresses, IPv4 and IPv6: the reverse names in them are answered here",
    example: "10.244.0.0/16,fd00:10:244::/56",
    parse: parsePrefix,
  },
  /** Make the pods of workloads whose pods are not given. */
  simulatePods: {
    form: "switch",
    default: "true",
    help: "Make the pods of workloads (StatefulSets, Deployments, …) whose pods the manifests do not give",
    example: "false",
    parse: parseSwitch,
  },
  /** File that keeps the addresses given to services and pods. */
  state: {
    field: "stateFile",
    form: "text",
    placeholder: "FILE",
    help:
      "Keep the addresses that were given to services and pods in this file, so that they never move. " +
      "Without it, they come from the names alone",
    example: "/var/lib/cluster-dns/state.json",
    parse: parseFileName,
  },
  /** How datagrams are taken: in batches by threads (Linux), or by node:dgram. */
  udpTransport: {
    form: "text",
    placeholder: "HOW",
    default: "auto",
    embeddedDefault: "dgram",
    help:
      "How datagrams are taken: batch (many in one system call, in threads of their own; Linux), dgram (node:dgram), " +
      "or auto: batch, and dgram where that can't be had",
    example: "dgram",
    parse: (text) => parseChoice(text, UDP_TRANSPORTS),
  },
  /** Threads for each address, where datagrams are taken in batches. */
  udpWorkers: {
    form: "number",
    placeholder: "COUNT",
    help:
      "Threads that answer in batches, for each address, 1 to 64. Without it, one less than the CPUs that this " +
      "process may use, at least 1 and at most 4",
    example: "2",
    parse: (text) => parseWholeNumber(text, 1, 64),
  },
  /** What is logged, as JSON lines on standard output. */
  logLevel: {
    form: "text",
    placeholder: "LEVEL",
    default: "info",
    embeddedDefault: "silent",
    help: `What is logged: ${LOG_LEVELS.join(", ")}`,
    example: "warn",
    parse: (text) => parseChoice(text, LOG_LEVELS),
  },
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionTable = typeof OPTION_TABLE;

/** The file that gives options: a flag and a variable, but no key of the file itself and no setting. */
export const CONFIG_FILE = {
  name: "config",
  form: "text",
  placeholder: "FILE",
  help: "Read options from this YAML file as well; its keys are the flags' names without the dashes",
  example: "cluster-dns.yaml",
} as const satisfies OptionForm & { readonly name: string };
