// Parses one Kubernetes object from unknown input (parsed YAML or JSON): a small frozen object, or problems. Pure.
// An object of an unknown apiVersion and kind becomes an `OtherObject`: a name in a namespace.
import { isAccepted, isMisspelled, isStored } from "./acceptance.ts";
import { CLUSTER_SCOPED } from "./built-in-kinds.ts";
import type { FieldPath } from "./field.ts";
import { Field, ProblemSink } from "./field.ts";
import { isDnsLabel, isDnsSubdomain, isServiceName } from "./kube-names.ts";
import type { KubeObject, Workload } from "./kube-object.ts";
import { objectKey, qualifiedKind } from "./kube-object.ts";
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
  /** The text of the number, boolean or other word without quotes at `path`; absent if the input has no text. */
  readonly writtenAt?: (path: FieldPath) => string | undefined;
  /** For fields that the items of a typed list (`ServiceList`) omit. */
  readonly defaults?: { readonly apiVersion: string; readonly kind: string };
  /** The object comes from an API server, which has judged it already. */
  readonly isLive?: boolean;
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

const EXPECTED_NAMES: ReadonlyMap<KnownKind["isName"], string> = new Map([
  [isDnsLabel, "a DNS label (a-z, 0-9 and inner hyphens, at most 63 characters)"],
  [isServiceName, "a DNS label that begins with a letter (a-z, 0-9 and inner hyphens, at most 63 characters)"],
  [isDnsSubdomain, "a DNS name in lower case"],
]);

const APPS = ["apps/v1", "apps/v1beta2"];

const KNOWN_KINDS: ReadonlyMap<string, KnownKind> = new Map([
  ["Namespace", { apiVersions: ["v1"], isNamespaced: false, isName: isDnsLabel, parse: parseNamespace }],
  ["Service", { apiVersions: ["v1"], isNamespaced: true, isName: isServiceName, parse: parseService }],
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
  workloadRow("CronJob", ["batch/v1", "batch/v1beta1", "batch/v2alpha1"]),
  ["Node", { apiVersions: ["v1"], isNamespaced: false, isName: isDnsSubdomain, parse: parseNode }],
]);

function workloadRow(kind: Workload["workloadKind"], apiVersions: readonly string[]): [string, KnownKind] {
  const parse: KnownKind["parse"] = (root, head) => parseWorkload(kind, root, head);
  // The pods of a StatefulSet have its name in a label.
  const isName = kind === "StatefulSet" ? isDnsLabel : isDnsSubdomain;
  return [kind, { apiVersions, isNamespaced: true, isName, parse }];
}

/** Parses one object. Never throws; the result of an object with an error has problems and no `object`. */
export function parseObject(input: unknown, context: ParseContext): ParseResult {
  const sink = new ProblemSink((path) => context.locate(path), context.writtenAt);
  sink.isLive = context.isLive === true;
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
    if (isMisspelled(root, sink, apiVersion ?? "", kind, (name) => KNOWN_KINDS.has(name)))
      return { problems: sink.problems };
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
  const hasMetadata = metadata.isAbsent || metadata.isMapping();
  const nameField = metadata.get("name");
  if (hasMetadata && (nameField.isAbsent || nameField.value === "")) reportNoName(metadata, nameField);
  const expected = EXPECTED_NAMES.get(known.isName)!;
  const name =
    nameField.value === ""
      ? undefined
      : nameField.text(expected, context.isLive === true ? isDnsSubdomain : known.isName);
  const namespace = known.isNamespaced ? parseNamespaceName(metadata, context) : "";
  const current = known.apiVersions[0]!;
  const isOld = apiVersion !== undefined && apiVersion !== current;
  if (name === undefined || namespace === undefined) {
    const isText = [nameField, metadata.get("namespace")].every(({ value }) => typeof (value ?? "") === "string");
    if (hasMetadata && isText) isAccepted(root, kind, sink, isOld);
    return { problems: sink.problems };
  }
  const key = `${kind} ${namespace}/${name}`;
  sink.object = key;
  if (isOld) {
    const message = `Kubernetes no longer serves ${kind} in ${apiVersion}`;
    sink.add("old-api-version", "warning", ["apiVersion"], message, `use \`apiVersion: ${current}\``);
  }
  // The parser would repeat what is reported here.
  if (context.isLive !== true && !isAccepted(root, kind, sink, isOld)) return { key, problems: sink.problems };
  const object = known.parse(root, makeHead(namespace, name, metadata, context));
  // Warnings beside errors are often only a consequence of the errors.
  if (sink.hasError) return { key, problems: sink.problems.filter((problem) => problem.severity === "error") };
  return {
    ...(object === undefined ? {} : { object }),
    key: object === undefined ? key : objectKey(object),
    problems: sink.problems,
  };
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
  return {
    namespace,
    name,
    ...(place === undefined ? {} : { place: Object.freeze(place) }),
    ...(isStored(metadata) ? { observed: true } : {}),
  };
}
