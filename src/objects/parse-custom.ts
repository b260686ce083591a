// Recognizes objects of others' kinds that have the form of a workload, such as an Argo Rollout, an OpenKruise CloneSet
// or an OpenShift DeploymentConfig: a selector, and a template with containers. Nothing is concluded from names. Pure.
// A fault in such an object is no problem here, as only its own controller knows what is valid.
import { Field, ProblemSink } from "./field.ts";
import type { Workload, WorkloadKind } from "./kube-object.ts";
import { qualifiedKind } from "./kube-object.ts";
import type { ObjectHead } from "./parse-common.ts";
import { NO_LABELS, parseOwnerReference } from "./parse-pod.ts";
import { parseWorkload } from "./parse-workload.ts";

/** The ends of kinds whose pods have names of another form than a Deployment's. */
const FORMS: readonly WorkloadKind[] = ["StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job"];

const ROLLOUT = "Rollout.argoproj.io";
/** The modes in which Argo Rollouts takes the pods from the workload whose template it uses. */
const SCALE_DOWN: readonly unknown[] = ["onsuccess", "progressively"];

/** A Rollout that has no template of its own. A controller completes it, when the other workload is known. */
function parseRollout(root: Field, head: ObjectHead): Workload | undefined {
  const reference = root.get("spec").get("workloadRef");
  const owner = parseOwnerReference(reference);
  if (owner === undefined) return undefined;
  const template = { metadata: {}, spec: { containers: [] } };
  const spec = { replicas: root.get("spec").get("replicas").value, template };
  const completed = { metadata: root.get("metadata").value, spec, status: root.get("status").value };
  const sink = new ProblemSink(() => undefined);
  const workload = parseWorkload("Deployment", new Field(completed, sink), head, ROLLOUT);
  const scaledDown = SCALE_DOWN.includes(reference.get("scaleDown").value);
  return workload && Object.freeze({ ...workload, selector: NO_LABELS, templateFrom: { ...owner, scaledDown } });
}

/** The workload of an object of an unknown kind; undefined if it does not have the form of one. */
export function parseCustomWorkload(
  input: unknown,
  head: ObjectHead,
  apiVersion: string,
  kind: string,
): Workload | undefined {
  const sink = new ProblemSink(() => undefined);
  const root = new Field(input, sink);
  const spec = root.get("spec");
  if (qualifiedKind(kind, apiVersion) === ROLLOUT && !spec.get("workloadRef").isAbsent) return parseRollout(root, head);
  const { value: containers } = spec.get("template").get("spec").get("containers");
  if (!Array.isArray(containers) || containers.length === 0 || spec.get("selector").isAbsent) return undefined;
  const form = FORMS.find((end) => kind.endsWith(end)) ?? "Deployment";
  const workload = parseWorkload(form, root, head, qualifiedKind(kind, apiVersion));
  return sink.hasError || workload === undefined || !matchesItself(workload) ? undefined : workload;
}

/** Whether the pods of the template are those that the selector matches. */
function matchesItself({ selector, template }: Workload): boolean {
  return [...selector].every(([key, value]) => template.labels.get(key) === value);
}
