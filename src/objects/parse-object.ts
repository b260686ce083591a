// Parses one Kubernetes object from unknown input (parsed YAML or JSON): a small frozen object, or problems. Pure.
// An object of an unknown apiVersion and kind becomes an `OtherObject`: a name in a namespace.
import type { FieldPath } from "./field.ts";
import { Field, ProblemSink } from "./field.ts";
import { isDnsLabel, isDnsSubdomain } from "./kube-names.ts";
import { objectKey, qualifiedKind } from "./kube-object.ts";
import type { KubeObject, Workload } from "./kube-object.ts";
import type { ObjectHead } from "./parse-common.ts";
import { madeByOperator } from "./operators/operator-kinds.ts";
import { parseCustomWorkload } from "./parse-custom.ts";
import { parseEndpoints, parseEndpointSlice } from "./parse-endpoints.ts";
import { parsePod } from "./parse-pod.ts";
import { parseService } from "./parse-service.ts";
import { parseWorkload } from "./parse-workload.ts";
import type { Place, Problem } from "./problem.ts";

/** `namespace` is for objects without one; `locate` gives the place of a field, or of the nearest enclosing one. */
export interface ParseContext {
  readonly namespace: string;
  locate(path: FieldPath): Place | undefined;
  /** For fields that the items of a typed list (`ServiceList`) omit. */
  readonly defaults?: { readonly apiVersion: string; readonly kind: string };
}

/** `key` (see `objectKey`) is present if the kind, namespace and name are valid, even if the object is not. */
export interface ParseResult {
  readonly object?: KubeObject;
  readonly key?: string;
  readonly problems: readonly Problem[];
}

interface KnownKind {
  /** The current version, then older ones of the same form. */
  readonly apiVersions: readonly string[];
  readonly isNamespaced: boolean;
  readonly isName: (name: string) => boolean;
  readonly parse: (root: Field, head: ObjectHead) => KubeObject | undefined;
}

const APPS = ["apps/v1", "apps/v1beta2"];

const KNOWN_KINDS: ReadonlyMap<string, KnownKind> = new Map([
  ["Namespace", { apiVersions: ["v1"], isNamespaced: false, isName: isDnsLabel, parse: parseNamespace }],
  ["Service", { apiVersions: ["v1"], isNamespaced: true, isName: isDnsLabel, parse: parseService }],
  ["Endpoints", { apiVersions: ["v1"], isNamespaced: true, isName: isDnsSubdomain, parse: parseEndpoints }],
  ["Pod", { apiVersions: ["v1"], isNamespaced: true, isName: isDnsSubdomain, parse: parsePod }],
  [
    "EndpointSlice",
    {
      apiVersions: ["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"],
      isNamespaced: true,
      isName: isDnsSubdomain,
      parse: parseEndpointSlice,
    },
  ],
  workloadRow("StatefulSet", [...APPS, "apps/v1beta1"]),
  workloadRow("Deployment", [...APPS, "apps/v1beta1", "extensions/v1beta1"]),
  workloadRow("ReplicaSet", [...APPS, "extensions/v1beta1"]),
  workloadRow("DaemonSet", [...APPS, "extensions/v1beta1"]),
  workloadRow("ReplicationController", ["v1"]),
  workloadRow("Job", ["batch/v1"]),
  workloadRow("CronJob", ["batch/v1", "batch/v1beta1"]),
  ["Node", { apiVersions: ["v1"], isNamespaced: false, isName: isDnsSubdomain, parse: parseNode }],
]);

function workloadRow(kind: Workload["workloadKind"], apiVersions: readonly string[]): [string, KnownKind] {
  const parse: KnownKind["parse"] = (root, head) => parseWorkload(kind, root, head);
  return [kind, { apiVersions, isNamespaced: true, isName: isDnsSubdomain, parse }];
}

// The cluster-scoped kinds of Kubernetes. The scope of custom resources is not known.
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  `APIService CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle ComponentStatus CSIDriver
  CSINode CustomResourceDefinition DeviceClass FlowSchema GatewayClass IPAddress IngressClass
  MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration PersistentVolume
  PodSecurityPolicy PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass SelfSubjectAccessReview
  SelfSubjectReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersion StorageVersionMigration
  SubjectAccessReview TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
  ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass`.split(/\s+/),
);

/** Parses one object. Never throws; the result of an object with an error has problems and no `object`. */
export function parseObject(input: unknown, context: ParseContext): ParseResult {
  const sink = new ProblemSink((path) => context.locate(path));
  const root = new Field(input, sink);
  if (!root.isMapping()) {
    if (root.isAbsent) root.invalid("a Kubernetes object");
    return { problems: sink.problems };
  }
  const kindField = root.get("kind");
  const kind = kindField.isAbsent ? context.defaults?.kind : kindField.text();
  const versionField = root.get("apiVersion");
  const apiVersion = versionField.isAbsent ? context.defaults?.apiVersion : versionField.text();
  if (kind === undefined || kind === "") {
    if (!sink.hasError) kindField.invalid("the kind of the object");
    return { problems: sink.problems };
  }
  const known = KNOWN_KINDS.get(kind);
  if (known === undefined || (apiVersion !== undefined && !known.apiVersions.includes(apiVersion))) {
    return parseOther(root, sink, context, apiVersion ?? "", kind);
  }
  if (apiVersion === undefined && !sink.hasError) {
    versionField.invalid(known.apiVersions[0]!, `add \`apiVersion: ${known.apiVersions[0]!}\``);
  }
  return parseKnown(root, sink, context, kind, known, apiVersion);
}

function parseKnown(
  root: Field,
  sink: ProblemSink,
  context: ParseContext,
  kind: string,
  known: KnownKind,
  apiVersion: string | undefined,
): ParseResult {
  const metadata = root.get("metadata");
  if (metadata.isAbsent || metadata.isMapping()) {
    const nameField = metadata.get("name");
    if (nameField.isAbsent || nameField.value === "") reportNoName(metadata, nameField);
  }
  const nameField = metadata.get("name");
  const expected =
    known.isName === isDnsLabel
      ? "a DNS label (a-z, 0-9 and inner hyphens, at most 63 characters)"
      : "a DNS name in lower case";
  const name = nameField.value === "" ? undefined : nameField.text(expected, known.isName);
  const namespace = known.isNamespaced ? parseNamespaceName(metadata, context) : "";
  if (name === undefined || namespace === undefined) return { problems: sink.problems };
  const key = `${kind} ${namespace}/${name}`;
  sink.object = key;
  const current = known.apiVersions[0]!;
  if (apiVersion !== undefined && apiVersion !== current) {
    const message = `Kubernetes no longer serves ${kind} in ${apiVersion}`;
    sink.add("old-api-version", "hint", ["apiVersion"], message, `use \`apiVersion: ${current}\``);
  }
  const object = known.parse(root, makeHead(namespace, name, metadata, context));
  // Warnings beside errors are often only a consequence of the errors.
  if (sink.hasError) return { key, problems: sink.problems.filter((problem) => problem.severity === "error") };
  return { ...(object === undefined ? {} : { object }), key, problems: sink.problems };
}

function reportNoName(metadata: Field, nameField: Field): void {
  const hasGenerateName = !metadata.get("generateName").isAbsent;
  nameField.invalid(
    "the name of the object",
    hasGenerateName ? "set metadata.name: only an API server makes a name from generateName" : "set metadata.name",
  );
}

// The default namespace if absent or empty; undefined if invalid, which is reported.
function parseNamespaceName(metadata: Field, context: ParseContext): string | undefined {
  const field = metadata.get("namespace");
  if (field.isAbsent || field.value === "") return context.namespace;
  return field.text("the name of a namespace (a DNS label)", isDnsLabel);
}

function parseNode(_root: Field, head: ObjectHead): KubeObject {
  return Object.freeze({ kind: "Node", ...head });
}

function parseNamespace(_root: Field, head: ObjectHead): KubeObject {
  return Object.freeze({ kind: "Namespace", ...head });
}

// Files also have documents for tools (a Kustomization, the Cluster of kind). One without a name is no object, which
// is no problem.
function parseOther(
  root: Field,
  sink: ProblemSink,
  context: ParseContext,
  apiVersion: string,
  otherKind: string,
): ParseResult {
  const metadata = root.get("metadata");
  const name = metadata.get("name").value;
  const isClusterScoped = CLUSTER_SCOPED.has(otherKind);
  if (typeof name !== "string" || name === "") return { problems: sink.problems };
  const namespace = isClusterScoped ? "" : parseNamespaceName(metadata, context);
  if (namespace === undefined) return { problems: sink.problems };
  const head = makeHead(namespace, name, metadata, context);
  const makes = madeByOperator(qualifiedKind(otherKind, apiVersion), root.value, head);
  const object: KubeObject =
    (makes === undefined ? parseCustomWorkload(root.value, head, apiVersion, otherKind) : undefined) ??
    Object.freeze({ kind: "Other", ...head, apiVersion, otherKind, ...(makes === undefined ? {} : { makes }) });
  const key = objectKey(object);
  return { ...(sink.hasError ? {} : { object }), key, problems: sink.problems };
}

function makeHead(namespace: string, name: string, metadata: Field, context: ParseContext): ObjectHead {
  const place = context.locate([]);
  const isObserved = !metadata.get("uid").isAbsent || !metadata.get("resourceVersion").isAbsent;
  return {
    namespace,
    name,
    ...(place === undefined ? {} : { place: Object.freeze(place) }),
    ...(isObserved ? { observed: true } : {}),
  };
}
