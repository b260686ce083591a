// Every code that a problem can have: how bad it is, what it means in a line, and where Kubernetes says so. Rules take
// their severity from here; docs/errors.md explains each row. A table and nothing else.
import type { FieldPath } from "../objects/field.ts";
import type { Severity } from "../objects/problem.ts";

/** What is known of a code. */
export interface CodeRow {
  /** As bad as a problem of this code can be, and nearly always is. */
  readonly severity: Severity;
  readonly summary: string;
  /** Where the rule is written; absent for what is this program's own affair. */
  readonly source?: string;
  /** Where in the object the fault is, for problems that know no more than the object. */
  readonly field?: FieldPath;
  /** The commands that can tell it. */
  readonly toldBy: readonly Command[];
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

/** What manifests and objects themselves have wrong: found where they are read. */
const READING = {
  "yaml-syntax": {
    severity: "error",
    summary: "A document is no YAML, or larger than the limits allow",
    source: YAML,
    toldBy: EVERYWHERE,
  },
  "invalid-field": {
    severity: "error",
    summary: "A field has a value that an API server refuses",
    source: NAMES,
    toldBy: EVERYWHERE,
  },
  "duplicate-object": {
    severity: "warning",
    summary: "An object is given twice; the first one counts",
    source: NAMES,
    toldBy: EVERYWHERE,
  },
  "external-name-ip": {
    severity: "warning",
    summary: "An externalName is an IP address, which no CNAME can point to",
    source: `${SERVICE}#externalname`,
    toldBy: EVERYWHERE,
  },
  "old-api-version": {
    severity: "hint",
    summary: "An object is of an API version that Kubernetes no longer serves",
    source: `${KUBERNETES}/reference/using-api/deprecation-guide/`,
    toldBy: EVERYWHERE,
  },
  "addresses-ignored": {
    severity: "warning",
    summary: "An ExternalName service has the annotation cluster-dns/addresses, which it can't use",
    source: `${SERVICE}#externalname`,
    toldBy: EVERYWHERE,
  },
  "fqdn-slice": {
    severity: "warning",
    summary: "An EndpointSlice of addressType FQDN has no addresses",
    source: SLICES,
    toldBy: EVERYWHERE,
  },
  "no-service-name": {
    severity: "warning",
    summary: "An EndpointSlice does not say which service it belongs to",
    source: `${SLICES}#ownership`,
    toldBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** What controllers can't do for services and workloads. */
const CONTROLLERS = {
  "cluster-ip-taken": {
    severity: "error",
    summary: "Two services have one cluster IP; the first keeps it",
    source: CLUSTER_IPS,
    field: ["spec", "clusterIP"],
    toldBy: EVERYWHERE,
  },
  "cluster-ip-out-of-range": {
    severity: "warning",
    summary: "A cluster IP is in none of the ranges of services",
    source: CLUSTER_IPS,
    field: ["spec", "clusterIP"],
    toldBy: EVERYWHERE,
  },
  "cluster-ips-exhausted": {
    severity: "error",
    summary: "No address is left in the range of services",
    source: CLUSTER_IPS,
    field: ["spec"],
    toldBy: EVERYWHERE,
  },
  "no-range-of-family": {
    severity: "error",
    summary: "A service wants an address of a family that has no range",
    source: DUAL_STACK,
    field: ["spec", "ipFamilies"],
    toldBy: EVERYWHERE,
  },
  "no-second-family": {
    severity: "error",
    summary: "A service requires both families, and only one has a range",
    source: DUAL_STACK,
    field: ["spec", "ipFamilyPolicy"],
    toldBy: EVERYWHERE,
  },
  "pod-range-full": {
    severity: "warning",
    summary: "The range of pods has no address left for simulated pods",
    field: ["spec", "replicas"],
    toldBy: EVERYWHERE,
  },
  "too-many-pods": {
    severity: "warning",
    summary: "Workloads ask for more pods than are simulated",
    source: `${KUBERNETES}/setup/best-practices/cluster-large/`,
    field: ["spec", "replicas"],
    toldBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** What files and folders have wrong. */
const FILES = {
  "not-utf8": { severity: "error", summary: "A file is not UTF-8 text", source: YAML, toldBy: EVERYWHERE },
  "empty-file": { severity: "error", summary: "Nothing is there where manifests were", toldBy: EVERYWHERE },
  "not-a-file": {
    severity: "error",
    summary: "Something with a manifest's name is a pipe, a socket or a device",
    toldBy: EVERYWHERE,
  },
  "file-too-large": { severity: "error", summary: "A file is over the size limit", toldBy: EVERYWHERE },
  unreadable: { severity: "error", summary: "The system does not let a file be read", toldBy: EVERYWHERE },
  "dangling-link": { severity: "error", summary: "A symbolic link leads to nothing", toldBy: EVERYWHERE },
  "outside-folder": {
    severity: "error",
    summary: "A symbolic link or an $INCLUDE leads out of the folders that were named",
    toldBy: EVERYWHERE,
  },
  "link-loop": {
    severity: "error",
    summary: "A symbolic link leads to a folder that it is in",
    toldBy: EVERYWHERE,
  },
  "too-many-links": {
    severity: "error",
    summary: "More folders stand behind symbolic links than are looked into",
    toldBy: EVERYWHERE,
  },
  "too-many-problems": {
    severity: "error",
    summary: "A file has more problems than are shown; a warning where none of the others is an error",
    toldBy: EVERYWHERE,
  },
  "source-gone": { severity: "error", summary: "A path that was served is gone", toldBy: ["serve"] },
  "no-kind": { severity: "error", summary: "A document lost its kind while it was served", toldBy: ["serve"] },
  "state-not-used": {
    severity: "warning",
    summary: "The state file is damaged or newer than the program; addresses are made anew",
    toldBy: ["serve"],
  },
  "state-not-written": { severity: "warning", summary: "The state file can't be written", toldBy: ["serve"] },
  closed: { severity: "error", summary: "A file was not read because the program ended", toldBy: ["serve"] },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** What zone files and hosts files have wrong. */
const ZONES = {
  "zone-syntax": zoneRow("error", "A line of a zone file can't be read", "1035#section-5.1"),
  "zone-name": zoneRow("error", "A word in a zone file, or the file's own name, is no name", "1035#section-2.3.4"),
  "zone-ttl": zoneRow("error", "A record has no TTL, or none that can be read", "2308#section-4"),
  "zone-class": zoneRow("error", "A record is of another class than IN", "1035#section-5.2"),
  "zone-type": zoneRow("error", "A word stands where the type of a record should", "3597#section-5"),
  "zone-record": zoneRow("error", "The data of a record does not fit its type", "1035#section-3.3"),
  "zone-include": zoneRow("error", "A file that a zone file includes can't be had", "1035#section-5.1"),
  "zone-limit": zoneRow("error", "A zone has more records than are read"),
  "zone-soa": zoneRow("error", "A zone has no SOA, two of them, or that of another zone", "1035#section-5.2"),
  "zone-ns": zoneRow("error", "A zone has no name server", "1034#section-4.2.1"),
  "zone-outside": zoneRow("error", "A record belongs to a name outside the zone", "1035#section-5.2"),
  "zone-cname": zoneRow("error", "A name has a CNAME and something beside it", "2181#section-10.1"),
  "zone-dname": zoneRow("error", "A name has two DNAMEs, or stands below one", "6672#section-2.4"),
  "zone-wildcard": zoneRow("error", "A wildcard has an NS or a DNAME", "4592#section-4.2"),
  "zone-ttl-differs": zoneRow(
    "warning",
    "Records of one name and type have several TTLs; the smallest counts",
    "2181#section-5.2",
  ),
  "zone-target": zoneRow(
    "warning",
    "An NS, MX or SRV names a host of the zone that has no address",
    "2181#section-10.3",
  ),
  "zone-hidden": zoneRow("warning", "A record is below a delegation, where nobody sees it", "1034#section-4.2.1"),
  "duplicate-zone": zoneRow("error", "A zone is in two files; the first one serves"),
  "zone-taken": { severity: "error", summary: "A zone is in the place of the cluster's own", toldBy: ["serve"] },
  "too-many-zones": { severity: "error", summary: "There are more zones than are served", toldBy: ["serve"] },
  "hosts-line": {
    severity: "error",
    summary: "A line of a hosts file is no address with names",
    source: "https://man7.org/linux/man-pages/man5/hosts.5.html",
    toldBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** What objects have wrong together: found by the rules beside this file. */
const RULES = {
  "selector-no-pods": {
    severity: "warning",
    summary: "A service's selector matches none of the pods of its namespace",
    source: `${SERVICE}#defining-a-service`,
    toldBy: CHECK,
  },
  "selector-other-namespace": {
    severity: "warning",
    summary: "A service's selector matches pods of other namespaces only",
    source: `${SERVICE}#defining-a-service`,
    toldBy: CHECK,
  },
  "selector-unseen-pods": {
    severity: "hint",
    summary: "A service selects pods that something outside these manifests has to make",
    source: `${SERVICE}#defining-a-service`,
    toldBy: CHECK,
  },
  "target-port-missing": {
    severity: "warning",
    summary: "A targetPort names a port that no container of the selected pods has",
    source: `${SERVICE}#field-spec-ports`,
    toldBy: CHECK,
  },
  "subdomain-without-service": {
    severity: "warning",
    summary: "A pod's subdomain names no service that selects the pod",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    toldBy: CHECK,
  },
  "hostname-without-subdomain": {
    severity: "hint",
    summary: "Pods behind a headless service have a hostname, and no subdomain to make it a name",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    toldBy: CHECK,
  },
  "stateful-set-service-missing": {
    severity: "warning",
    summary: "A StatefulSet's serviceName names no service of its namespace",
    source: `${STATEFUL_SET}#stable-network-id`,
    toldBy: CHECK,
  },
  "stateful-set-service-not-headless": {
    severity: "warning",
    summary: "A StatefulSet's serviceName names a service that is not headless",
    source: `${STATEFUL_SET}#limitations`,
    toldBy: CHECK,
  },
  "stateful-set-service-other-pods": {
    severity: "warning",
    summary: "A StatefulSet's headless service does not select its pods",
    source: `${STATEFUL_SET}#stable-network-id`,
    toldBy: CHECK,
  },
  "external-name-loop": {
    severity: "error",
    summary: "ExternalName services point to each other in a circle, or in a chain that is too long",
    source: `${SERVICE}#externalname`,
    toldBy: CHECK,
  },
  "external-name-not-full": {
    severity: "warning",
    summary: "An externalName means a service of the cluster and is not that service's full name",
    source: `${POD_DNS}#services`,
    toldBy: CHECK,
  },
  "external-name-no-namespace": {
    severity: "warning",
    summary: "An externalName leads into a namespace that does not exist",
    source: `${POD_DNS}#services`,
    toldBy: CHECK,
  },
  "external-name-no-service": {
    severity: "hint",
    summary: "An externalName leads to a service that the manifests do not have",
    source: `${POD_DNS}#services`,
    toldBy: CHECK,
  },
  "endpoints-ignored": {
    severity: "warning",
    summary: "An Endpoints object belongs to a service with a selector, so that the cluster overwrites it",
    source: `${SERVICE}#services-without-selectors`,
    toldBy: CHECK,
  },
  "endpoints-deprecated": {
    severity: "hint",
    summary: "The Endpoints API is deprecated",
    source: `${SERVICE}#endpoints`,
    toldBy: CHECK,
  },
  "namespace-named-svc": {
    severity: "warning",
    summary: "A namespace is named svc, as the part of the search path that all service names end in",
    source: `${POD_DNS}#namespaces-of-services`,
    toldBy: CHECK,
  },
  "service-named-like-namespace": {
    severity: "hint",
    summary: "A service has the name of its namespace, so that short names are looked up among its endpoints first",
    source: `${POD_DNS}#namespaces-of-services`,
    toldBy: CHECK,
  },
  "search-path-shadowed": {
    severity: "warning",
    summary: "A short name of a service leads to an endpoint of another service",
    source: `${POD_DNS}#namespaces-of-services`,
    toldBy: CHECK,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** What is wrong with a resolv.conf and with variables. */
const POD_FILES = {
  "resolv-conf-limit": {
    severity: "warning",
    summary: "A pod's resolv.conf is over the limits of Kubernetes and is cut",
    source: `${POD_DNS}#dns-search-domain-list-limits`,
    toldBy: ["check", "resolv-conf"],
  },
  "resolv-conf-no-nameserver": {
    severity: "warning",
    summary: "A resolv.conf has no name server",
    source: `${POD_DNS}#pod-s-dns-policy`,
    toldBy: ["resolv-conf"],
  },
  "resolv-conf-syntax": {
    severity: "warning",
    summary: "A line of the node's resolv.conf lacks its value",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    toldBy: ["resolv-conf"],
  },
  "resolv-conf-port": {
    severity: "warning",
    summary: "The server listens on a port that a resolv.conf can't name",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    toldBy: ["resolv-conf"],
  },
  "resolv-conf-wildcard": {
    severity: "warning",
    summary: "The server listens on all addresses, and the one that pods reach is not known",
    toldBy: ["resolv-conf"],
  },
  "node-resolv-conf": {
    severity: "warning",
    summary: "The node's resolv.conf can't be read and is taken as empty",
    toldBy: ["resolv-conf"],
  },
  "unknown-namespace": {
    severity: "warning",
    summary: "The pod's namespace is in none of the manifests",
    toldBy: ["resolv-conf", "env"],
  },
  "ambiguous-variable": {
    severity: "warning",
    summary: "Two services claim one environment variable",
    source: `${SERVICE}#environment-variables`,
    toldBy: ["env"],
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** All codes by name, in the order of docs/errors.md. */
export const CODES = { ...READING, ...CONTROLLERS, ...FILES, ...ZONES, ...RULES, ...POD_FILES };

export type Code = keyof typeof CODES;
/** The codes that rules give; `finding` takes no other. */
export type CodeOfRules = keyof typeof RULES | "resolv-conf-limit";

/** `section` as in the RFC editor's addresses, e.g. `1035#section-5.1`. */
function zoneRow(severity: Severity, summary: string, section?: string): CodeRow {
  return { severity, summary, ...(section !== undefined && { source: `${RFC}${section}` }), toldBy: EVERYWHERE };
}

/** The row of a problem's code; undefined for one that is not in the table. */
export function codeRow(code: string): CodeRow | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as Code] : undefined;
}
