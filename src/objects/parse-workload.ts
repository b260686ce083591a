// Parses StatefulSets, Deployments, ReplicaSets, ReplicationControllers, DaemonSets, Jobs and CronJobs: their pod
// templates, and the number of pods at a time. Pure; faults go to the sink of the field.
// Sources: the Kubernetes API reference of apps/v1, batch/v1 and core/v1 with its defaults and validation.
import type { Field } from "./field.ts";
import type { Inactive, Labels, PodTemplate, Workload, WorkloadKind } from "./kube-object.ts";
import { parseAddressesAnnotation, parseHook, parseReadyAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { parseHostname } from "./parse-common.ts";
import { NO_LABELS, parseOwner, parsePodSpec } from "./parse-pod.ts";

const INT32_MAX = 0x7fff_ffff;

/** The workload of the object `root`, for kinds of others with their kind; undefined if it has no spec. */
export function parseWorkload(
  workloadKind: WorkloadKind,
  root: Field,
  head: ObjectHead,
  customKind?: string,
): Workload | undefined {
  const spec = root.get("spec");
  if (!spec.isMapping()) {
    if (spec.isAbsent) spec.invalid("a mapping");
    return undefined;
  }
  const metadata = root.get("metadata");
  const isCronJob = workloadKind === "CronJob";
  const template = parseTemplate((isCronJob ? spec.get("jobTemplate").get("spec") : spec).get("template"));
  const isStatefulSet = workloadKind === "StatefulSet";
  const replicas = isCronJob ? 0 : parseReplicas(workloadKind, spec);
  const status = parseStatus(workloadKind, root, head);
  const inactive = parseInactive(workloadKind, root, status !== undefined);
  const serviceName = isStatefulSet ? parseHostname(spec.get("serviceName")) : undefined;
  const addresses = parseAddressesAnnotation(metadata);
  const owner = parseOwner(metadata.get("ownerReferences"));
  return Object.freeze({
    kind: "Workload",
    ...head,
    workloadKind,
    ...(customKind === undefined ? {} : { customKind }),
    replicas: inactive === undefined ? (status?.replicas ?? replicas) : 0,
    ...(inactive === undefined ? status : { inactive }),
    selector: isCronJob
      ? template.labels
      : parseSelector(workloadKind, root, template.labels, customKind !== undefined),
    template,
    ...(serviceName === undefined ? {} : { serviceName }),
    firstOrdinal: (isStatefulSet ? spec.get("ordinals").get("start").integer(0, INT32_MAX) : undefined) ?? 0,
    ...(isStatefulSet && spec.get("podManagementPolicy").value === "Parallel" ? { parallel: true } : {}),
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

function parseReplicas(kind: WorkloadKind, spec: Field): number {
  if (kind === "DaemonSet") return 1;
  return kind === "Job" ? parseParallelism(spec) : (spec.get("replicas").integer(0, INT32_MAX) ?? 1);
}

function parseParallelism(spec: Field): number {
  const parallelism = spec.get("parallelism").integer(0, INT32_MAX) ?? 1;
  const completions = spec.get("completions").integer(0, INT32_MAX);
  return Math.min(parallelism, completions ?? parallelism);
}

/** Where the status of each kind counts its pods, and those that are ready; 0 is often left out. */
const COUNTS: Partial<Record<WorkloadKind, readonly [all: string, ready: string]>> = {
  DaemonSet: ["desiredNumberScheduled", "numberReady"],
  Job: ["active", "ready"],
};
/** Fields that only a controller writes. */
const TRACES = ["observedGeneration", "startTime"];

/** The numbers of pods in a status that a cluster wrote; undefined without one. */
function parseStatus(
  kind: WorkloadKind,
  root: Field,
  head: ObjectHead,
): Required<Pick<Workload, "replicas" | "readyReplicas">> | undefined {
  const status = root.get("status");
  if (status.isAbsent || !status.isMapping()) return undefined;
  const [all, ready] = COUNTS[kind] ?? ["replicas", "readyReplicas"];
  const count = (name: string): number => {
    const { value } = status.get(name);
    return Number.isInteger(value) ? Math.min(Math.max(value as number, 0), INT32_MAX) : 0;
  };
  // Tools that write manifests from Go types leave a status of zeros, and a creation time of null.
  const isCreated = root.get("metadata").get("creationTimestamp").value !== null;
  const isCounted = !status.get(all).isAbsent && (isCreated || count(all) > 0);
  const isWritten = TRACES.some((name) => !status.get(name).isAbsent);
  return isCounted || isWritten || (head.observed === true && hasFields(status))
    ? { replicas: count(all), readyReplicas: count(ready) }
    : undefined;
}

function hasFields({ value }: Field): boolean {
  return value instanceof Map ? value.size > 0 : Object.keys(value as object).length > 0;
}

function parseInactive(kind: WorkloadKind, root: Field, hasStatus: boolean): Inactive | undefined {
  if (kind === "CronJob") return "scheduled";
  if (kind === "Job") {
    if (root.get("spec").get("suspend").boolean() ?? false) return "suspended";
    if (isFinished(root.get("status"))) return "finished";
  }
  return hasStatus ? undefined : parseHook(root.get("metadata"), kind);
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
// Those of others, such as DeploymentConfig, may have plain labels.
function parseSelector(kind: WorkloadKind, root: Field, templateLabels: Labels, isCustom: boolean): Labels {
  const selector = root.get("spec").get("selector");
  const isForm = !selector.get("matchLabels").isAbsent || !selector.get("matchExpressions").isAbsent;
  const isPlain = isCustom ? !isForm : kind === "ReplicationController";
  const field = isPlain ? selector : selector.get("matchLabels");
  if (field !== selector && !selector.isAbsent && !selector.isMapping()) return templateLabels;
  const labels = field.textMap();
  return labels ?? templateLabels;
}
