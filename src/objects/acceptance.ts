// Whether an API server would take an object: a kind that it has, fields that decode, values that keep its rules. Pure;
// faults go to the sink. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
import { meantKind } from "./built-in-kinds.ts";
import type { Field, ProblemSink } from "./field.ts";
import { schemaOf } from "./schema/schema.ts";
import { decodeStrictly } from "./schema/strict-decoding.ts";
import { validate } from "./validation/validate.ts";

/** Whether the object `root` is as an API server takes it; reports why not. `isOld`: its version is not served now. */
export function isAccepted(root: Field, kind: string, sink: ProblemSink, isOld: boolean): boolean {
  const schema = schemaOf(kind);
  if (schema === undefined) return true;
  const strictness = { isLive: isLive(root), isOld };
  const hasRightTypes = decodeStrictly(root, schema, sink, strictness);
  // A live object has been validated, perhaps by a server with other rules.
  if (hasRightTypes && !strictness.isLive) validate(root, kind, sink);
  return !sink.hasError;
}

/**
 * Whether Kubernetes has no such kind, but one of nearly that name or in another version; reports it. Files also have
 * documents for tools, such as a kubeconfig: those without metadata are no objects.
 */
export function isMisspelled(
  root: Field,
  sink: ProblemSink,
  apiVersion: string,
  kind: string,
  isRead: (kind: string) => boolean,
): boolean {
  const metadata = root.get("metadata");
  if (metadata.isAbsent || isLive(root)) return false;
  const meant = meantKind(apiVersion, kind, isRead);
  if (meant === undefined || (meant.kind === kind && meant.apiVersion === apiVersion)) return false;
  const message = `Kubernetes has no kind ${kind}${apiVersion === "" ? "" : ` in ${apiVersion}`}`;
  const advice = `write \`apiVersion: ${meant.apiVersion}\` and \`kind: ${meant.kind}\``;
  sink.add("unknown-kind", "error", meant.kind === kind ? ["apiVersion"] : ["kind"], message, advice);
  return true;
}

/** Whether an API server has stored the object: it has an id or a version, or a pod has an address. */
function isLive(root: Field): boolean {
  const metadata = root.get("metadata");
  const status = root.get("status");
  return (
    [metadata.get("uid"), metadata.get("resourceVersion")].some((field) => !field.isAbsent) ||
    [status.get("podIP"), status.get("podIPs")].some((field) => !field.isAbsent)
  );
}
