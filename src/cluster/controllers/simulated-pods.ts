// The pods that a workload's controller would create: names, host names and labels. The pods are running, and ready
// unless their template says otherwise. Pure; the caller allocates addresses.
// Kubernetes: "Workload Management"; statefulset, deployment, replicaset, replication, daemonset and job controllers.
import { isDnsLabel } from "../../objects/kube-names.ts";
import { objectKey, ownerOf } from "../../objects/kube-object.ts";
import type { Labels, Pod, Workload } from "../../objects/kube-object.ts";
import { generatedIndexedName, generatedName, templateHash } from "./generated-name.ts";

/** Identifies a pod of a workload: its name, and its ordinal or completion index. */
export interface PodIdentity {
  readonly name: string;
  readonly index: number;
}

const ORDINAL_NAME = /^(.+)-\d+$/;
/**
 * A StatefulSet labels its pods with its name, a dash and a hash of at most ten digits; a label has at most 63
 * characters, so an API server refuses every pod of a longer name.
 */
const SET_NAME_CHARACTERS_MAX = 52;

/** The StatefulSet to which a pod with this name would belong; undefined if the name fits none. */
export function statefulSetOf(podName: string): string | undefined {
  return ORDINAL_NAME.exec(podName)?.[1];
}

/** The workload's number of pods; a DaemonSet has one for each node, and one if no nodes are known. */
export function podCount(workload: Workload, nodeCount: number): number {
  const { workloadKind, name, addresses, replicas, readyReplicas, inactive } = workload;
  if (inactive !== undefined) return 0;
  if (workloadKind === "StatefulSet" && name.length > SET_NAME_CHARACTERS_MAX) return 0;
  if (addresses !== undefined) return addresses.length;
  return workloadKind === "DaemonSet" && readyReplicas === undefined ? Math.max(nodeCount, 1) : replicas;
}

/**
 * The pods without those that a StatefulSet does not create yet, because the pod before them is not ready. `isReady`
 * tells of a pod that is there already; undefined if it is not.
 */
export function createdPods(
  workload: Workload,
  pods: readonly PodIdentity[],
  isReady: (pod: PodIdentity) => boolean | undefined,
): readonly PodIdentity[] {
  const { workloadKind, parallel, readyReplicas, template } = workload;
  if (workloadKind !== "StatefulSet" || parallel === true || readyReplicas !== undefined) return pods;
  const waitsFor = pods.findIndex((pod) => !(isReady(pod) ?? template.ready));
  return waitsFor === -1 ? pods : pods.slice(0, waitsFor + 1);
}

/** The first `count` pods of a workload. `nodeNames` are sorted, and only used for a DaemonSet. */
export function podIdentities(workload: Workload, count: number, nodeNames: readonly string[]): readonly PodIdentity[] {
  const { workloadKind, name, firstOrdinal, addresses } = workload;
  if (workloadKind === "DaemonSet" && addresses === undefined && nodeNames.length > 0) {
    const own = nodePods(workload, nodeNames.slice(0, count));
    if (own.length === count) return own;
  }
  const seed = seedOf(workload);
  const prefix = workloadKind === "Deployment" ? `${name}-${templateHash(seed)}-` : `${name}-`;
  return Array.from({ length: count }, (_, i) => {
    const index = firstOrdinal + i;
    if (workloadKind === "StatefulSet") return { name: `${name}-${index}`, index };
    if (workload.indexed) return { name: generatedIndexedName(name, seed, index), index };
    return { name: generatedName(prefix, seed, index), index };
  });
}

/** Derives each pod's name from that of its node, so that it persists when other nodes are added or removed. */
function nodePods(workload: Workload, nodeNames: readonly string[]): readonly PodIdentity[] {
  const taken = new Set<string>();
  return nodeNames.map((node, index) => {
    const nameAt = (attempt: number): string =>
      generatedName(`${workload.name}-`, `${seedOf(workload)} on ${node}`, attempt);
    let attempt = 0;
    while (taken.has(nameAt(attempt))) attempt++;
    taken.add(nameAt(attempt));
    return { name: nameAt(attempt), index };
  });
}

/** Returns a function that makes a pod of the workload from its identity and addresses. */
export function podMaker(workload: Workload): (identity: PodIdentity, ips: readonly string[]) => Pod {
  const { namespace, place, firstOrdinal, readyReplicas } = workload;
  const { ready, hostname: _hostname, subdomain: _subdomain, ...spec } = workload.template;
  const labels = sharedLabels(workload);
  const owner = Object.freeze(ownerOf(workload));
  return (identity, ips) =>
    Object.freeze({
      kind: "Pod",
      namespace,
      name: identity.name,
      ...(place && { place }),
      ...spec,
      ...(workload.workloadKind === "Job" && { transient: true }),
      ...hostOf(workload, identity),
      labels: ownLabels(workload, identity, labels),
      ips,
      phase: "Running",
      ready: ready && (readyReplicas === undefined || identity.index - firstOrdinal < readyReplicas),
      owner,
      simulated: "template",
    });
}

/** The Pod of the manifests as it runs, with these addresses. */
export function runningPod(pod: Pod, ips: readonly string[]): Pod {
  return Object.freeze({ ...pod, ips, phase: "Running", simulated: "manifest" });
}

function hostOf(workload: Workload, { name, index }: PodIdentity): { hostname?: string; subdomain?: string } {
  const isStatefulSet = workload.workloadKind === "StatefulSet";
  const { template } = workload;
  const hostname = isStatefulSet ? name : workload.indexed ? `${workload.name}-${index}` : template.hostname;
  const subdomain = isStatefulSet ? workload.serviceName : template.subdomain;
  return {
    ...(hostname !== undefined && isDnsLabel(hostname) && { hostname }),
    ...(subdomain !== undefined && { subdomain }),
  };
}

/** The labels of all pods of the workload: the template's, and those that its controller adds. */
function sharedLabels(workload: Workload): Labels {
  const { workloadKind, name, template } = workload;
  if (workloadKind === "Deployment") {
    return new Map([...template.labels, ["pod-template-hash", templateHash(seedOf(workload))]]);
  }
  if (workloadKind !== "Job") return template.labels;
  return new Map([...template.labels, ["batch.kubernetes.io/job-name", name], ["job-name", name]]);
}

/** The shared labels, and those of the pod's ordinal or completion index. */
function ownLabels({ workloadKind, indexed }: Workload, { name, index }: PodIdentity, shared: Labels): Labels {
  if (workloadKind === "StatefulSet") {
    const number: [string, string] = ["apps.kubernetes.io/pod-index", String(index)];
    return new Map([...shared, ["statefulset.kubernetes.io/pod-name", name], number]);
  }
  return indexed ? new Map([...shared, ["batch.kubernetes.io/job-completion-index", String(index)]]) : shared;
}

function seedOf(workload: Workload): string {
  return objectKey(workload);
}
