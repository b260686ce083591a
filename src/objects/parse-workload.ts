// StatefulSets, Deployments, ReplicaSets, ReplicationControllers, DaemonSets and Jobs from unknown input: how many pods
// they have at one time, and of which shape. Pure; faults go to the field's sink.
// Sources: the Kubernetes API reference of apps/v1, batch/v1 and core/v1 with its defaults and validation.
import type { Field } from "./field.ts";
import type { Labels, PodTemplate, Workload } from "./kube-object.ts";
import { parseAddressesAnnotation, parseReadyAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { parseHostname } from "./parse-common.ts";
import { NO_LABELS, parseOwner, parsePodSpec } from "./parse-pod.ts";

type WorkloadKind = Workload["workloadKind"];

const MAX_INT32 = 0x7fff_ffff;
const COMPLETION_MODES = ["NonIndexed", "Indexed"] as const;

/** The workload of a whole object; what is wrong with it is in the field's problems. */
export function parseWorkload(workloadKind: WorkloadKind, root: Field, head: ObjectHead): Workload | undefined {
  const spec = root.get("spec");
  if (!spec.isMapping()) {
    if (spec.absent) spec.invalid("a mapping");
    return undefined;
  }
  const metadata = root.get("metadata");
  const template = parseTemplate(spec.get("template"));
  const isStatefulSet = workloadKind === "StatefulSet";
  const serviceName = isStatefulSet ? parseHostname(spec.get("serviceName")) : undefined;
  const addresses = parseAddressesAnnotation(metadata);
  const owner = parseOwner(metadata.get("ownerReferences"));
  return Object.freeze({
    kind: "Workload",
    ...head,
    workloadKind,
    replicas: parseReplicas(workloadKind, root),
    selector: parseSelector(workloadKind, root, template.labels),
    template,
    ...(serviceName === undefined ? {} : { serviceName }),
    firstOrdinal: (isStatefulSet ? spec.get("ordinals").get("start").integer(0, MAX_INT32) : undefined) ?? 0,
    indexed: workloadKind === "Job" && spec.get("completionMode").value === "Indexed",
    ...(addresses === undefined ? {} : { addresses }),
    ...(owner === undefined ? {} : { owner }),
  });
}

function parseTemplate(field: Field): PodTemplate {
  const metadata = field.get("metadata");
  const spec = field.get("spec");
  if (field.absent) field.invalid("a mapping");
  else if (field.isMapping() && !spec.isMapping() && spec.absent) spec.invalid("a mapping");
  return Object.freeze({
    labels: metadata.get("labels").textMap() ?? NO_LABELS,
    ready: parseReadyAnnotation(metadata),
    ...parsePodSpec(spec),
  });
}

function parseReplicas(kind: WorkloadKind, root: Field): number {
  if (kind === "DaemonSet") return 1;
  const spec = root.get("spec");
  return kind === "Job"
    ? parseParallelism(spec, root.get("status"))
    : (spec.get("replicas").integer(0, MAX_INT32) ?? 1);
}

function parseParallelism(spec: Field, status: Field): number {
  const parallelism = spec.get("parallelism").integer(0, MAX_INT32) ?? 1;
  const completionsField = spec.get("completions");
  const completions = completionsField.integer(0, MAX_INT32);
  const mode = spec.get("completionMode").choice(COMPLETION_MODES);
  if (mode === "Indexed" && completionsField.absent) {
    completionsField.invalid("a number of completions, as completionMode is Indexed");
  }
  const isSuspended = spec.get("suspend").boolean() ?? false;
  return isSuspended || isFinished(status) ? 0 : Math.min(parallelism, completions ?? parallelism);
}

/** The pods of a Job that is complete, or has failed, run no more. */
function isFinished(status: Field): boolean {
  const ends: readonly unknown[] = ["Complete", "Failed"];
  return status
    .get("conditions")
    .items()
    .some((item) => ends.includes(item.get("type").value) && item.get("status").value === "True");
}

// A Job's selector is made by the API server, and that of the kinds' older versions was made of the template's labels.
function parseSelector(kind: WorkloadKind, root: Field, templateLabels: Labels): Labels {
  const selector = root.get("spec").get("selector");
  const field = kind === "ReplicationController" ? selector : selector.get("matchLabels");
  if (field !== selector && !selector.absent && !selector.isMapping()) return templateLabels;
  const labels = field.textMap();
  if (labels === undefined) {
    const isRequired = root.get("apiVersion").value === "apps/v1" && field.absent;
    if (isRequired && selector.get("matchExpressions").absent) field.invalid("labels that the template has");
    return templateLabels;
  }
  const isMatched = [...labels].every(([key, value]) => templateLabels.get(key) === value);
  if (!isMatched && kind !== "Job") field.invalid("labels that the template has, all of them");
  return labels;
}
