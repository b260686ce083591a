// Whether an API server would take an object: a kind that it has, fields that decode, values that keep its rules. Pure;
// faults go to the sink. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
import { isUnknownKind, meantKind } from "./built-in-kinds.ts";
import { Field, ProblemSink } from "./field.ts";
import type { FieldPath } from "./field.ts";
import { schemaOf } from "./schema/schema.ts";
import { decodeStrictly } from "./schema/strict-decoding.ts";
import type { StillExpected } from "./schema/strict-decoding.ts";
import { validate } from "./validation/validate.ts";

/** Values of an object whose advice is tried out: that costs as much as the whole object. */
const TRIED_MAX = 10;

/** Whether the object `root` is as an API server takes it; reports why not. `isOld`: its version is not served now. */
export function isAccepted(root: Field, kind: string, sink: ProblemSink, isOld: boolean): boolean {
  const schema = schemaOf(kind);
  if (schema === undefined) return true;
  const strictness = { isLive: isLive(root), isOld };
  let tried = 0;
  const stillExpected: StillExpected = (path, better) => {
    if (++tried > TRIED_MAX) return "another value";
    const paths: FieldPath[] = [];
    const trial = new ProblemSink((at) => void paths.push(at));
    const changed = new Field(withValueAt(root.value, path, better), trial);
    if (decodeStrictly(changed, schema, trial, strictness)) validate(changed, kind, trial);
    // Some problems are those of the mapping that has the field.
    const index = paths.findIndex(
      (at, i) => trial.problems[i]!.severity === "error" && at.every((key, depth) => key === path[depth]),
    );
    return index === -1 ? undefined : expectedIn(trial.problems[index]!.message);
  };
  const hasRightTypes = decodeStrictly(root, schema, sink, strictness, stillExpected);
  // A live object has been validated, perhaps by a server with other rules.
  if (hasRightTypes && !strictness.isLive) validate(root, kind, sink);
  return !sink.hasError;
}

/**
 * Whether Kubernetes has no such kind in a group of its own, or only in another version; reports it. Files also have
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
  if (meant === undefined && !isUnknownKind(apiVersion, kind)) return false;
  if (meant?.kind === kind && meant.apiVersion === apiVersion) return false;
  const message = `Kubernetes has no kind ${kind}${apiVersion === "" ? "" : ` in ${apiVersion}`}`;
  const advice =
    meant === undefined
      ? "write a kind and a version that `kubectl api-resources` lists"
      : `write \`apiVersion: ${meant.apiVersion}\` and \`kind: ${meant.kind}\``;
  sink.add("unknown-kind", "error", meant?.kind === kind ? ["apiVersion"] : ["kind"], message, advice);
  return true;
}

/** Whether an API server has stored the object of these metadata: it has an id or a version. */
export function isStored(metadata: Field): boolean {
  return !metadata.get("uid").isAbsent || !metadata.get("resourceVersion").isAbsent;
}

/** Whether the object was stored, or is a pod with an address, which may come without either. */
function isLive(root: Field): boolean {
  const status = root.get("status");
  return isStored(root.get("metadata")) || [status.get("podIP"), status.get("podIPs")].some((field) => !field.isAbsent);
}

/** A copy of `value` that has `better` at `path`. */
function withValueAt(value: unknown, path: FieldPath, better: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return better;
  if (Array.isArray(value)) return value.with(Number(key), withValueAt(value[Number(key)], rest, better));
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: withValueAt(fields[key], rest, better) };
}

/** What the message of a problem says is expected. */
function expectedIn(message: string): string {
  return message.slice(message.indexOf("expected ") + "expected ".length, message.lastIndexOf(", got "));
}
