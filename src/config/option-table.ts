// The table of options. A row has the spelling, help, defaults and grammar of an option, and its field in `Options`.
// Flags, CLUSTER_DNS_… variables, keys of the configuration file, settings of `serve()`, their types, `--help` and
// docs/options.md are derived from the rows: a new option is one row here, or in the files that it spreads.
import { UPSTREAM_POLICIES } from "../net/upstream.ts";
import type { OptionForm, OptionRow } from "./option-row.ts";
import {
  choiceOf,
  CLUSTER_DOMAIN_LENGTH_MAX,
  MEGABYTES_MAX,
  parseClusterDomain,
  parseFileName,
  parseListenAddress,
  parseMegabytes,
  parseNamespaceName,
  parsePrefix,
  parseSwitch,
  parseWholeNumber,
} from "./option-values.ts";
import { ADMIN_OPTIONS } from "./admin-options.ts";
import { CLIENT_OPTIONS } from "./client-options.ts";
import { METRICS_OPTIONS } from "./metrics-options.ts";
import { NAME_OPTIONS } from "./name-options.ts";
import { KUBERNETES_OPTIONS } from "./kubernetes-options.ts";
import { PROCESS_OPTIONS } from "./process-options.ts";
import { QUERY_LOG_OPTIONS } from "./query-log-options.ts";
import { parseRewriteRule } from "./rewrite-value.ts";
import { parseStubDomain, parseUpstreamChoice } from "./upstream-value.ts";

const PORT_MAX = 65_535;
const TTL_SECONDS_MAX = 3600;
const CACHE_TTL_SECONDS_MAX = 86_400;
const STALE_SECONDS_MAX = 7 * 86_400;

/**
 * All options in the order of `--help`, keyed by setting name. Editors show the comment above a row as the
 * documentation of that setting of `serve()`.
 */
export const OPTION_TABLE = {
  /** `[SCHEME://]ADDR[:PORT]`, IPv6 in brackets; SCHEME is `tls` or `https`; port 0 takes a free one. */
  listen: {
    form: "list",
    placeholder: "[SCHEME://]ADDR[:PORT]",
    default: "127.0.0.1:53",
    embeddedDefault: "127.0.0.1:0",
    help:
      "Address to listen on, over UDP and TCP; tls://ADDR is DNS over TLS, https://ADDR is DNS over HTTPS. IPv6 in " +
      "brackets. 0.0.0.0 is all of IPv4 and [::] all of IPv6: list both for both. Without a port 53, 853 for tls, " +
      "443 for https; port 0 takes a free one. Host names are not accepted",
    example: "0.0.0.0:53,[::]:53",
    parse: parseListenAddress,
  },
  /** Port for each `listen` address whose own port is taken or not permitted; without it, that is an error. */
  fallbackPort: {
    form: "number",
    placeholder: "PORT",
    help:
      "Port for each --listen address whose own port is taken or not permitted. Without it, such an address is an " +
      "error",
    example: "5300",
    parse: (text) => parseWholeNumber(text, 1, PORT_MAX),
  },
  /** Domain of services and pods. */
  clusterDomain: {
    form: "text",
    placeholder: "DOMAIN",
    default: "cluster.local",
    help: `Domain of services and pods, at most ${CLUSTER_DOMAIN_LENGTH_MAX} characters`,
    example: "k8s.example.com",
    parse: parseClusterDomain,
  },
  /** TTL of records, in seconds. */
  ttl: {
    field: "ttlSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "30",
    help: `TTL of records, 0 to ${TTL_SECONDS_MAX}`,
    example: "5",
    parse: (text) => parseWholeNumber(text, 0, TTL_SECONDS_MAX),
  },
  /** TTL of negative answers, in seconds; without it, the value of `ttl`. */
  negativeTtl: {
    field: null,
    form: "number",
    placeholder: "SECONDS",
    help:
      `How long clients may cache that a name or type does not exist, 0 to ${TTL_SECONDS_MAX}. Without it, the ` +
      "value of --ttl",
    example: "0",
    parse: (text) => parseWholeNumber(text, 0, TTL_SECONDS_MAX),
  },
  ...NAME_OPTIONS,
  /** Namespace of objects that name none. */
  namespace: {
    form: "text",
    placeholder: "NAME",
    default: "default",
    help: "Namespace of objects whose manifests name none",
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
      "Where to forward names that are not served here: IP[:PORT], tcp://IP, tls://IP#NAME, https://IP/PATH#NAME, " +
      "or the path of a resolv.conf, which is watched. none: such names are refused",
    example: "10.0.0.53,tls://192.0.2.53#dns.example",
    parse: parseUpstreamChoice,
  },
  /** Which upstream to ask first. */
  upstreamPolicy: {
    ...choiceOf(UPSTREAM_POLICIES),
    placeholder: "POLICY",
    default: "sequential",
    help: "Which upstream to ask first: sequential (in the given order), random, round-robin or fastest",
    example: "fastest",
    canChange: true,
  },
  /** Randomize letter case in questions to upstreams and require it in their replies. */
  upstreamMixedCase: {
    form: "switch",
    default: "false",
    help:
      "Randomize letter case in questions to upstreams and require it in their replies: forgery gets harder, but " +
      "not all upstreams preserve case",
    example: "true",
    parse: parseSwitch,
    canChange: true,
  },
  /** PEM file of the certificates to trust of upstreams by TLS and HTTPS, in place of the system's. */
  upstreamCa: {
    form: "text",
    placeholder: "FILE",
    help:
      "Certificates to trust of tls:// and https:// upstreams (PEM), in place of those that Node.js has; followed. " +
      "?ca=FILE after an upstream is for that one alone. Without it, SSL_CERT_FILE if that is set",
    example: "/etc/cluster-dns/site-ca.pem",
    parse: parseFileName,
  },
  /** `DOMAIN=UPSTREAM`: forward names in this domain to this upstream; with `none`, refuse them. */
  stubDomain: {
    field: "stubDomains",
    form: "list",
    placeholder: "DOMAIN=UPSTREAM,…",
    help:
      "Forward names in this domain to this upstream, whatever other options say; reverse domains work too, even " +
      "those of private addresses. Repeat a domain to give it several upstreams. DOMAIN=none: such names are refused",
    example: "consul.local=10.150.0.1:8600,168.192.in-addr.arpa=192.168.0.1",
    parse: parseStubDomain,
  },
  /** A rule in the words of CoreDNS's `rewrite`, such as `name a.example b.example`; the first that matches applies. */
  rewrite: {
    field: "rewriteRules",
    form: "list",
    separator: "\n",
    placeholder: "RULE",
    help:
      "Rewrite names, types or classes of questions, and names in their answers back, by rules in the words of " +
      "CoreDNS. The first rule that matches applies. A flag has one rule, a variable one a line",
    example: "name suffix .corp.example .shop.svc.cluster.local answer auto",
    parse: parseRewriteRule,
  },
  /** Walk the search list on behalf of the pod that asks. */
  autopath: {
    form: "switch",
    default: "false",
    help:
      "Walk the search list on the server: when a pod, known by its address, asks for a name in its first search " +
      "domain, answer what its resolver would find in the end",
    example: "true",
    parse: parseSwitch,
  },
  /** Memory for cached answers of upstreams, in megabytes. */
  cacheSize: {
    field: "cacheBytes",
    form: "number",
    placeholder: "MEGABYTES",
    default: "32",
    embeddedDefault: "4",
    help: `Memory for cached answers of upstreams, 1 to ${MEGABYTES_MAX}; allocated at start and never exceeded`,
    example: "128",
    parse: (text) => parseMegabytes(text),
  },
  /** The longest that answers of upstreams are cached, in seconds. */
  cacheTtl: {
    field: "cacheTtlSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "86400",
    help:
      `How long to cache answers of upstreams, whatever longer TTL they have, at most ${CACHE_TTL_SECONDS_MAX}; 0: ` +
      "not at all",
    example: "3600",
    parse: (text) => parseWholeNumber(text, 0, CACHE_TTL_SECONDS_MAX),
    canChange: true,
  },
  /** The longest that negative answers of upstreams are cached, in seconds. */
  cacheNegativeTtl: {
    field: "cacheNegativeTtlSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "300",
    help: "How long to cache that upstreams have no such name or type; the same",
    example: "30",
    parse: (text) => parseWholeNumber(text, 0, CACHE_TTL_SECONDS_MAX),
    canChange: true,
  },
  /** How long to serve expired answers while no upstream answers, in seconds; 0: never. */
  serveStale: {
    field: "staleSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "86400",
    help: `How long to serve expired answers while no upstream answers, at most ${STALE_SECONDS_MAX}; 0: never`,
    example: "3600",
    parse: (text) => parseWholeNumber(text, 0, STALE_SECONDS_MAX),
    canChange: true,
  },
  /** PEM file of the certificate chain; needs `tlsKey`. */
  tlsCert: {
    field: null,
    form: "text",
    placeholder: "FILE",
    help: "Certificate chain for tls:// and https:// (PEM); reloaded when it changes",
    example: "/etc/cluster-dns/tls.crt",
    parse: parseFileName,
  },
  /** PEM file of the private key; needs `tlsCert`. */
  tlsKey: {
    field: null,
    form: "text",
    placeholder: "FILE",
    help: "Private key of --tls-cert (PEM)",
    example: "/etc/cluster-dns/tls.key",
    parse: parseFileName,
  },
  /** Prefixes of cluster IPs, whose reverse names are served here. */
  serviceCidr: {
    field: "serviceCidrs",
    form: "list",
    placeholder: "CIDR,…",
    default: "10.96.0.0/12",
    help: "Ranges of cluster IPs, IPv4 and IPv6, whose reverse names are served here",
    example: "10.96.0.0/12,fd00:10:96::/112",
    parse: parsePrefix,
  },
  /** Prefixes of pod addresses, whose reverse names are served here. */
  podCidr: {
    field: "podCidrs",
    form: "list",
    placeholder: "CIDR,…",
    default: "10.244.0.0/16",
    help: "Ranges of pod addresses, IPv4 and IPv6, whose reverse names are served here",
    example: "10.244.0.0/16,fd00:10:244::/56",
    parse: parsePrefix,
  },
  /** Build the kustomizations in folders, and read what they make. */
  kustomize: {
    form: "switch",
    default: "false",
    help:
      "Build the kustomizations in folders with kustomize or kubectl, whichever is on the PATH, and read what they " +
      "make",
    example: "true",
    parse: parseSwitch,
  },
  /** Create pods for workloads that have none. */
  simulatePods: {
    form: "switch",
    default: "true",
    help: "Create pods for workloads (StatefulSets, Deployments, …) that have none in the manifests",
    example: "false",
    parse: parseSwitch,
  },
  /** Have the services that every cluster has, where no source gives them. */
  clusterServices: {
    form: "switch",
    default: "true",
    help:
      "Have the services kubernetes in default and kube-dns in kube-system, as every cluster does, where the " +
      "manifests have none",
    example: "false",
    parse: parseSwitch,
  },
  /** File that keeps the addresses of services and pods over restarts. */
  state: {
    field: "stateFile",
    form: "text",
    placeholder: "FILE",
    help:
      "File that keeps the addresses given to services and pods, so that they never change. Without it, addresses " +
      "follow from names alone",
    example: "/var/lib/cluster-dns/state.json",
    parse: parseFileName,
  },
  ...CLIENT_OPTIONS,
  ...KUBERNETES_OPTIONS,
  ...ADMIN_OPTIONS,
  ...QUERY_LOG_OPTIONS,
  ...METRICS_OPTIONS,
  ...PROCESS_OPTIONS,
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionTable = typeof OPTION_TABLE;

/** The configuration file: a flag and a variable, but neither a key of that file nor a setting. */
export const CONFIG_FILE = {
  name: "config",
  form: "text",
  placeholder: "FILE",
  help: "Read options from this YAML file too; its keys are the flags without their dashes",
  example: "cluster-dns.yaml",
} as const satisfies OptionForm & { readonly name: string };
