// Parses StatefulSets, Deployments, ReplicaSets, ReplicationControllers, DaemonSets and Jobs: their pod templates, and
// the number of pods at a time. Pure; faults go to the sink of the field.
// Sources: the Kubernetes API reference of apps/v1, batch/v1 and core/v1 with its defaults and validation.
import type { Field } from "./field.ts";
import type { Labels, PodTemplate, Workload } from "./kube-object.ts";
import { parseAddressesAnnotation, parseReadyAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { parseHostname } from "./parse-common.ts";
import { NO_LABELS, parseOwner, parsePodSpec } from "./parse-pod.ts";

type WorkloadKind = Workload["workloadKind"];

const INT32_MAX = 0x7fff_ffff;

/** The workload of the object `root`; undefined if it has no spec. */
export function parseWorkload(workloadKind: WorkloadKind, root: Field, head: ObjectHead): Workload | undefined {
  const spec = root.get("spec");
  if (!spec.isMapping()) {
    if (spec.isAbsent) spec.invalid("a mapping");
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
    firstOrdinal: (isStatefulSet ? spec.get("ordinals").get("start").integer(0, INT32_MAX) : undefined) ?? 0,
    indexed: workloadKind === "Job" && spec.get("completionMode").value === "Indexed",
    ...(addresses === undefined ? {} : { addresses }),
    ...(owner === undefined ? {} : { owner }),
  });
}

function parseTemplate(field: Field): PodTemplate {
  const metadata = field.get("metadata");
  const spec = field.get("spec");
  if (field.isAbsent) field.invalid("a mapping");
  else if (field.isMapping() && !spec.isMapping() && spec.isAbsent) spec.invalid("a mapping");
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
    : (spec.get("replicas").integer(0, INT32_MAX) ?? 1);
}

function parseParallelism(spec: Field, status: Field): number {
  const parallelism = spec.get("parallelism").integer(0, INT32_MAX) ?? 1;
  const completions = spec.get("completions").integer(0, INT32_MAX);
  const isSuspended = spec.get("suspend").boolean() ?? false;
  return isSuspended || isFinished(status) ? 0 : Math.min(parallelism, completions ?? parallelism);
}

/** Whether a Job is complete or has failed, so that its pods no longer run. */
function isFinished(status: Field): boolean {
  const ends: readonly unknown[] = ["Complete", "Failed"];
  return status
    .get("conditions")
    .items()
    .some((item) => ends.includes(item.get("type").value) && item.get("status").value === "True");
}

// The API server generates the selector of a Job. Older versions of the other kinds default to the template's labels.
function parseSelector(kind: WorkloadKind, root: Field, templateLabels: Labels): Labels {
  const selector = root.get("spec").get("selector");
  const field = kind === "ReplicationController" ? selector : selector.get("matchLabels");
  if (field !== selector && !selector.isAbsent && !selector.isMapping()) return templateLabels;
  const labels = field.textMap();
  return labels ?? templateLabels;
}
