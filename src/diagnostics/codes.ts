// The table of problem codes: severity, one line of meaning, and the source of the rule. The diagnostic rules take
// their severity from here; docs/errors.md explains each row.
import type { CodeRow } from "./code-row.ts";
import { EVERYWHERE, RFC } from "./code-row.ts";
import { ZONES } from "./zone-codes.ts";

const KUBERNETES = "https://kubernetes.io/docs";
const SERVICE = `${KUBERNETES}/concepts/services-networking/service/`;
const SLICES = `${KUBERNETES}/concepts/services-networking/endpoint-slices/`;
const POD_DNS = `${KUBERNETES}/concepts/services-networking/dns-pod-service/`;
const CLUSTER_IPS = `${KUBERNETES}/concepts/services-networking/cluster-ip-allocation/`;
const DUAL_STACK = `${KUBERNETES}/concepts/services-networking/dual-stack/`;
const STATEFUL_SET = `${KUBERNETES}/concepts/workloads/controllers/statefulset/`;
const NAMES = `${KUBERNETES}/concepts/overview/working-with-objects/names/`;
const YAML = "https://yaml.org/spec/1.2.2/";

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
  "unknown-field": {
    severity: "error",
    summary: "An object has a field that Kubernetes does not have; a hint for an object of a live cluster",
    source: `${KUBERNETES}/reference/using-api/api-concepts/#field-validation`,
    reportedBy: EVERYWHERE,
  },
  "unknown-kind": {
    severity: "error",
    summary: "Kubernetes has no such kind, but one with nearly that name or in another version",
    source: `${KUBERNETES}/concepts/overview/working-with-objects/#required-fields`,
    reportedBy: EVERYWHERE,
  },
  "leading-zeros": {
    severity: "warning",
    summary: "An IP address has leading zeros, which Kubernetes still reads as decimal",
    source: `${KUBERNETES}/concepts/services-networking/service/`,
    reportedBy: EVERYWHERE,
  },
  "stateful-set-name-too-long": {
    severity: "warning",
    summary: "The name of a StatefulSet is too long for a label of its pods, so a cluster makes none",
    source: `${STATEFUL_SET}#pod-name-label`,
    reportedBy: EVERYWHERE,
  },
  "old-api-version": {
    severity: "warning",
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
  closed: { severity: "error", summary: "A file was not read because the program ended", reportedBy: ["serve"] },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems between objects, found by the rules in this folder. */
const RULES = {
  "name-too-long": {
    severity: "warning",
    summary: "A name exceeds the limits of DNS, so it has no records",
    source: `${RFC}1035#section-2.3.4`,
    reportedBy: EVERYWHERE,
  },
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

/** The row of a code; undefined if it is not in the table. */
export function codeRow(code: string): CodeRow | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as Code] : undefined;
}
