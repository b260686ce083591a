// The table of problem codes: severity, one line of meaning, and the source of the rule. The diagnostic rules take
// their severity from here; docs/errors.md explains each row.
import type { FieldPath } from "../objects/field.ts";
import type { Severity } from "../objects/problem.ts";

/** The description of a code. */
export interface CodeRow {
  /** The severity of nearly all problems of this code; the rest are less severe. */
  readonly severity: Severity;
  readonly summary: string;
  /** The document with the rule; absent for rules of this program. */
  readonly source?: string;
  /** The field with the fault, for problems that have only the place of their object. */
  readonly field?: FieldPath;
  /** The commands that can report it. */
  readonly reportedBy: readonly Command[];
}

type Command = "check" | "serve" | "resolv-conf" | "env";

const KUBERNETES = "https://kubernetes.io/docs";
const SERVICE = `${KUBERNETES}/concepts/services-networking/service/`;
const SLICES = `${KUBERNETES}/concepts/services-networking/endpoint-slices/`;
const POD_DNS = `${KUBERNETES}/concepts/services-networking/dns-pod-service/`;
const CLUSTER_IPS = `${KUBERNETES}/concepts/services-networking/cluster-ip-allocation/`;
const DUAL_STACK = `${KUBERNETES}/concepts/services-networking/dual-stack/`;
const STATEFUL_SET = `${KUBERNETES}/concepts/workloads/controllers/statefulset/`;
const NAMES = `${KUBERNETES}/concepts/overview/working-with-objects/names/`;
const YAML = "https://yaml.org/spec/1.2.2/";
const RFC = "https://www.rfc-editor.org/rfc/rfc";

const EVERYWHERE = ["check", "serve"] as const;
const CHECK = ["check"] as const;

/** Problems of a document or a single object, found by the parsers. */
const READING = {
  "yaml-syntax": {
    severity: "error",
    summary: "A document is not valid YAML, or exceeds a limit",
    source: YAML,
    reportedBy: EVERYWHERE,
  },
  "invalid-field": {
    severity: "error",
    summary: "A field has a value that an API server rejects",
    source: NAMES,
    reportedBy: EVERYWHERE,
  },
  "duplicate-object": {
    severity: "warning",
    summary: "An object is defined twice; the first definition is used",
    source: NAMES,
    reportedBy: EVERYWHERE,
  },
  "external-name-ip": {
    severity: "warning",
    summary: "An externalName is an IP address, which a CNAME can't point to",
    source: `${SERVICE}#externalname`,
    reportedBy: EVERYWHERE,
  },
  "old-api-version": {
    severity: "hint",
    summary: "An object has an API version that Kubernetes no longer serves",
    source: `${KUBERNETES}/reference/using-api/deprecation-guide/`,
    reportedBy: EVERYWHERE,
  },
  "addresses-ignored": {
    severity: "warning",
    summary: "An ExternalName service has the annotation cluster-dns/addresses, which is ignored",
    source: `${SERVICE}#externalname`,
    reportedBy: EVERYWHERE,
  },
  "fqdn-slice": {
    severity: "warning",
    summary: "An EndpointSlice of addressType FQDN has no addresses",
    source: SLICES,
    reportedBy: EVERYWHERE,
  },
  "no-service-name": {
    severity: "warning",
    summary: "An EndpointSlice does not name its service",
    source: `${SLICES}#ownership`,
    reportedBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems that the controllers find: addresses and simulated pods. */
const CONTROLLERS = {
  "cluster-ip-taken": {
    severity: "error",
    summary: "Two services have the same cluster IP; the first keeps it",
    source: CLUSTER_IPS,
    field: ["spec", "clusterIP"],
    reportedBy: EVERYWHERE,
  },
  "cluster-ip-out-of-range": {
    severity: "warning",
    summary: "A cluster IP is outside the service ranges",
    source: CLUSTER_IPS,
    field: ["spec", "clusterIP"],
    reportedBy: EVERYWHERE,
  },
  "cluster-ips-exhausted": {
    severity: "error",
    summary: "The service range has no free address",
    source: CLUSTER_IPS,
    field: ["spec"],
    reportedBy: EVERYWHERE,
  },
  "no-range-of-family": {
    severity: "error",
    summary: "A service needs an address of a family without a service range",
    source: DUAL_STACK,
    field: ["spec", "ipFamilies"],
    reportedBy: EVERYWHERE,
  },
  "no-second-family": {
    severity: "error",
    summary: "A service requires dual stack, but only one family has a service range",
    source: DUAL_STACK,
    field: ["spec", "ipFamilyPolicy"],
    reportedBy: EVERYWHERE,
  },
  "pod-range-full": {
    severity: "warning",
    summary: "The pod range has no free address for simulated pods",
    field: ["spec", "replicas"],
    reportedBy: EVERYWHERE,
  },
  "too-many-pods": {
    severity: "warning",
    summary: "Workloads have more replicas than the server simulates",
    source: `${KUBERNETES}/setup/best-practices/cluster-large/`,
    field: ["spec", "replicas"],
    reportedBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems of files and folders. */
const FILES = {
  "not-utf8": { severity: "error", summary: "A file is not UTF-8 text", source: YAML, reportedBy: EVERYWHERE },
  "empty-file": { severity: "error", summary: "A file or standard input is empty", reportedBy: EVERYWHERE },
  "not-a-file": {
    severity: "error",
    summary: "A path with the name of a manifest is not a regular file",
    reportedBy: EVERYWHERE,
  },
  "file-too-large": { severity: "error", summary: "A file exceeds the size limit", reportedBy: EVERYWHERE },
  unreadable: { severity: "error", summary: "A file can't be read", reportedBy: EVERYWHERE },
  "dangling-link": { severity: "error", summary: "The target of a symbolic link is missing", reportedBy: EVERYWHERE },
  "outside-folder": {
    severity: "error",
    summary: "A symbolic link or an $INCLUDE leads outside the folders on the command line",
    reportedBy: EVERYWHERE,
  },
  "link-loop": {
    severity: "error",
    summary: "A symbolic link points to a folder above itself",
    reportedBy: EVERYWHERE,
  },
  "too-many-links": {
    severity: "error",
    summary: "There are too many folders behind symbolic links",
    reportedBy: EVERYWHERE,
  },
  "too-many-problems": {
    severity: "error",
    summary: "A file has more problems than are reported; a warning if none of the rest is an error",
    reportedBy: EVERYWHERE,
  },
  "source-gone": { severity: "error", summary: "A path of the command line no longer exists", reportedBy: ["serve"] },
  "no-kind": { severity: "error", summary: "A document that was an object lost its kind", reportedBy: ["serve"] },
  "state-not-used": {
    severity: "warning",
    summary: "The state file is damaged or newer than the program; addresses are assigned again",
    reportedBy: ["serve"],
  },
  "state-not-written": { severity: "warning", summary: "The state file can't be written", reportedBy: ["serve"] },
  "no-resources": {
    severity: "error",
    summary: "The system has no thread or open file left to read manifests",
    reportedBy: ["serve"],
  },
  closed: { severity: "error", summary: "A file was not read because the program ended", reportedBy: ["serve"] },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems of zone files and hosts files. */
const ZONES = {
  "zone-syntax": zoneRow("error", "A line of a zone file can't be parsed", "1035#section-5.1"),
  "zone-name": zoneRow("error", "A name in a zone file, or the name of the file, is invalid", "1035#section-2.3.4"),
  "zone-ttl": zoneRow("error", "A record has no TTL, or an invalid one", "2308#section-4"),
  "zone-class": zoneRow("error", "A record has a class other than IN", "1035#section-5.2"),
  "zone-type": zoneRow("error", "A record has an unknown type", "3597#section-5"),
  "zone-record": zoneRow("error", "The rdata of a record does not match its type", "1035#section-3.3"),
  "zone-include": zoneRow("error", "The file of an $INCLUDE can't be read", "1035#section-5.1"),
  "zone-limit": zoneRow("error", "A zone has too many records"),
  "zone-soa": zoneRow("error", "A zone has no SOA, two SOAs, or the SOA of another zone", "1035#section-5.2"),
  "zone-ns": zoneRow("error", "A zone has no NS at its apex", "1034#section-4.2.1"),
  "zone-outside": zoneRow("error", "The owner name of a record is outside the zone", "1035#section-5.2"),
  "zone-cname": zoneRow("error", "A name has a CNAME and another record", "2181#section-10.1"),
  "zone-dname": zoneRow("error", "A name has two DNAMEs, or is below a DNAME", "6672#section-2.4"),
  "zone-wildcard": zoneRow("error", "A wildcard has an NS or a DNAME", "4592#section-4.2"),
  "zone-ttl-differs": zoneRow("warning", "An RRset has several TTLs; the smallest is used", "2181#section-5.2"),
  "zone-target": zoneRow("warning", "The target of an NS, MX or SRV has no address", "2181#section-10.3"),
  "zone-hidden": zoneRow(
    "warning",
    "A record is at or below a delegation, so it is never answered",
    "1034#section-4.2.1",
  ),
  "duplicate-zone": zoneRow("error", "A zone is in two files; the first file is served"),
  "zone-taken": { severity: "error", summary: "A zone collides with the names of the cluster", reportedBy: ["serve"] },
  "too-many-zones": { severity: "error", summary: "There are too many zones", reportedBy: ["serve"] },
  "hosts-line": {
    severity: "error",
    summary: "A line of a hosts file is not an address followed by names",
    source: "https://man7.org/linux/man-pages/man5/hosts.5.html",
    reportedBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems between objects, found by the rules in this folder. */
const RULES = {
  "selector-no-pods": {
    severity: "warning",
    summary: "The selector of a service matches no pod of its namespace",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "selector-other-namespace": {
    severity: "warning",
    summary: "The selector of a service matches only pods of other namespaces",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "selector-unseen-pods": {
    severity: "hint",
    summary: "A service selects pods that are not in the manifests, but may exist in a cluster",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "target-port-missing": {
    severity: "warning",
    summary: "A targetPort names a port that no container of the selected pods has",
    source: `${SERVICE}#field-spec-ports`,
    reportedBy: CHECK,
  },
  "subdomain-without-service": {
    severity: "warning",
    summary: "The subdomain of a pod is not the name of a service that selects the pod",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    reportedBy: CHECK,
  },
  "hostname-without-subdomain": {
    severity: "hint",
    summary: "Pods of a headless service have a hostname but no subdomain, so they have no DNS name",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    reportedBy: CHECK,
  },
  "stateful-set-service-missing": {
    severity: "warning",
    summary: "The serviceName of a StatefulSet is not a service of its namespace",
    source: `${STATEFUL_SET}#stable-network-id`,
    reportedBy: CHECK,
  },
  "stateful-set-service-not-headless": {
    severity: "warning",
    summary: "The serviceName of a StatefulSet is a service that is not headless",
    source: `${STATEFUL_SET}#limitations`,
    reportedBy: CHECK,
  },
  "stateful-set-service-other-pods": {
    severity: "warning",
    summary: "The headless service of a StatefulSet does not select its pods",
    source: `${STATEFUL_SET}#stable-network-id`,
    reportedBy: CHECK,
  },
  "external-name-loop": {
    severity: "error",
    summary: "ExternalName services form a loop, or a chain that is too long",
    source: `${SERVICE}#externalname`,
    reportedBy: CHECK,
  },
  "external-name-not-full": {
    severity: "warning",
    summary: "An externalName refers to the cluster, but is not the full name of a service",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "external-name-no-namespace": {
    severity: "warning",
    summary: "An externalName points into a namespace that does not exist",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "external-name-no-service": {
    severity: "hint",
    summary: "An externalName points to a service that is not in the manifests",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "endpoints-ignored": {
    severity: "warning",
    summary: "An Endpoints object belongs to a service with a selector, so the cluster overwrites it",
    source: `${SERVICE}#services-without-selectors`,
    reportedBy: CHECK,
  },
  "endpoints-deprecated": {
    severity: "hint",
    summary: "The Endpoints API is deprecated",
    source: `${SERVICE}#endpoints`,
    reportedBy: CHECK,
  },
  "namespace-named-svc": {
    severity: "warning",
    summary: "A namespace is named svc, like the label svc in the names of services",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
  "service-named-like-namespace": {
    severity: "hint",
    summary: "A service has the name of its namespace, so short names can match its endpoints",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
  "search-path-shadowed": {
    severity: "warning",
    summary: "The short name of a service resolves to an endpoint of another service",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems of resolv.conf files and environment variables. */
const POD_FILES = {
  "resolv-conf-limit": {
    severity: "warning",
    summary: "The resolv.conf of a pod exceeds the limits of Kubernetes and is cut",
    source: `${POD_DNS}#dns-search-domain-list-limits`,
    reportedBy: ["check", "resolv-conf"],
  },
  "resolv-conf-no-nameserver": {
    severity: "warning",
    summary: "A resolv.conf has no nameserver",
    source: `${POD_DNS}#pod-s-dns-policy`,
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-syntax": {
    severity: "warning",
    summary: "A line of the node's resolv.conf has no value",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-port": {
    severity: "warning",
    summary: "The server listens on a port that resolv.conf can't express",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-wildcard": {
    severity: "warning",
    summary: "The server listens on all addresses, so the address for pods is not known",
    reportedBy: ["resolv-conf"],
  },
  "node-resolv-conf": {
    severity: "warning",
    summary: "The node's resolv.conf can't be read; an empty one is used",
    reportedBy: ["resolv-conf"],
  },
  "unknown-namespace": {
    severity: "warning",
    summary: "The manifests have no object in the pod's namespace",
    reportedBy: ["resolv-conf", "env"],
  },
  "ambiguous-variable": {
    severity: "warning",
    summary: "Two services set the same environment variable",
    source: `${SERVICE}#environment-variables`,
    reportedBy: ["env"],
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** All codes by name, in the order of docs/errors.md. */
export const CODES = { ...READING, ...CONTROLLERS, ...FILES, ...ZONES, ...RULES, ...POD_FILES };

export type Code = keyof typeof CODES;
/** The codes of the diagnostic rules, for `finding`. */
export type CodeOfRules = keyof typeof RULES | "resolv-conf-limit";

/** `section` as in the URLs of the RFC editor, e.g. `1035#section-5.1`. */
function zoneRow(severity: Severity, summary: string, section?: string): CodeRow {
  return { severity, summary, ...(section !== undefined && { source: `${RFC}${section}` }), reportedBy: EVERYWHERE };
}

/** The row of a code; undefined if it is not in the table. */
export function codeRow(code: string): CodeRow | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as Code] : undefined;
}
