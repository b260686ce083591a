// The table of problem codes: severity, one line of meaning, and the source of the rule. The diagnostic rules take
// their severity from here; docs/errors.md explains each row.
import type { Severity } from "../objects/problem.ts";
import type { CodeRow } from "./code-row.ts";
import {
  KUBERNETES,
  SERVICE,
  SLICES,
  CLUSTER_IPS,
  DUAL_STACK,
  NAMES,
  OBJECTS,
  STATEFUL_SET,
  TEMPLATES,
  YAML,
  EVERYWHERE,
  CHECK,
} from "./code-row.ts";
import { POD_FILES, RULES } from "./codes-of-rules.ts";
import { ZONES } from "./codes-of-zones.ts";

/** Problems of a document or a single object, found by the parsers. */
const READING = {
  "yaml-syntax": row("error", "A document is not valid YAML, or exceeds a limit", YAML),
  "duplicate-key": row("warning", "A key is written twice in a mapping; the last one is used", YAML),
  "not-an-object": row("error", "A document is a list or text, not an object", OBJECTS),
  "template-parameter": row("warning", "A parameter of an OpenShift template has no value", TEMPLATES),
  "invalid-field": row("error", "A field has a value that an API server rejects", NAMES),
  "duplicate-object": row("warning", "An object is defined in two ways; the later definition is used", NAMES),
  "external-name-ip": {
    severity: "warning",
    summary: "An externalName is an IP address, which a CNAME can't point to",
    source: `${SERVICE}#externalname`,
    reportedBy: EVERYWHERE,
  },
  "unknown-field": row(
    "error",
    "An object has a field that Kubernetes does not have; a hint for an object of a live cluster",
    `${KUBERNETES}/reference/using-api/api-concepts/#field-validation`,
  ),
  "unknown-kind": row(
    "error",
    "Kubernetes has no such kind in this group and version, which are its own",
    `${OBJECTS}#required-fields`,
  ),
  "leading-zeros": row("warning", "An IP address has leading zeros, which Kubernetes still reads as decimal", SERVICE),
  "stateful-set-name-too-long": row(
    "warning",
    "The name of a StatefulSet is too long for a label of its pods, so a cluster makes none",
    `${STATEFUL_SET}#pod-name-label`,
  ),
  "old-api-version": {
    severity: "warning",
    summary: "An object has an API version that Kubernetes no longer serves",
    source: `${KUBERNETES}/reference/using-api/deprecation-guide/`,
    reportedBy: EVERYWHERE,
  },
  "unknown-code": {
    severity: "warning",
    summary: "An annotation or a comment ignores a problem code that does not exist",
    reportedBy: CHECK,
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
  kustomization: {
    severity: "warning",
    summary: "A folder is a kustomization, which has to be built before it can be read",
    source: "https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/",
    reportedBy: EVERYWHERE,
  },
  "kustomize-failed": {
    severity: "error",
    summary: "A kustomization can't be built",
    source: "https://kubectl.docs.kubernetes.io/references/kustomize/cmd/build/",
    reportedBy: EVERYWHERE,
  },
  "helm-chart": {
    severity: "warning",
    summary: "A folder is a Helm chart, which has to be rendered before it can be read",
    source: "https://helm.sh/docs/topics/charts/",
    reportedBy: EVERYWHERE,
  },
  "compose-file": {
    severity: "hint",
    summary: "A file is a Compose file, which has no Kubernetes objects",
    source: "https://docs.docker.com/reference/compose-file/",
    reportedBy: EVERYWHERE,
  },
  "nothing-to-serve": {
    severity: "warning",
    summary: "The given paths have no Kubernetes object and no zone",
    reportedBy: ["serve"],
  },
  "source-gone": { severity: "error", summary: "A path of the command line no longer exists", reportedBy: ["serve"] },
  "no-kind": { severity: "error", summary: "A document that was an object lost its kind", reportedBy: ["serve"] },
  "state-not-used": {
    severity: "warning",
    summary: "The state file is damaged or newer than the program; addresses are assigned again",
    reportedBy: ["serve"],
  },
  "state-not-written": { severity: "warning", summary: "The state file can't be written", reportedBy: ["serve"] },
  "input-not-ended": {
    severity: "warning",
    summary: "Standard input has not ended, and is not served yet",
    reportedBy: ["serve"],
  },
  "being-written": {
    severity: "warning",
    summary: "A program has a file open for writing and does not go on",
    reportedBy: ["serve"],
  },
  "no-resources": {
    severity: "error",
    summary: "The system has no thread or open file left to read manifests",
    reportedBy: ["serve"],
  },
  "no-memory": {
    severity: "error",
    summary: "A file or the objects of a program do not fit the memory; what was served before stays",
    reportedBy: EVERYWHERE,
  },
  "api-forbidden": {
    severity: "error",
    summary: "The API server of the cluster forbids to read a resource",
    source: `${KUBERNETES}/reference/access-authn-authz/rbac/`,
    reportedBy: ["serve"],
  },
  "api-unauthorized": {
    severity: "error",
    summary: "The API server of the cluster does not accept the credentials",
    source: `${KUBERNETES}/reference/access-authn-authz/authentication/`,
    reportedBy: ["serve"],
  },
  "api-unreachable": {
    severity: "warning",
    summary: "The API server of the cluster does not answer as it should; what it told last stays in effect",
    reportedBy: ["serve"],
  },
  snapshot: {
    severity: "warning",
    summary: "The snapshot of the cluster can't be used or written",
    reportedBy: ["serve"],
  },
  closed: { severity: "error", summary: "A file was not read because the program ended", reportedBy: ["serve"] },
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

/** A row of a code that both `check` and `serve` report. */
function row(severity: Severity, summary: string, source: string): CodeRow {
  return { severity, summary, source, reportedBy: EVERYWHERE };
}
