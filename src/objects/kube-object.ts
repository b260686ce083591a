// Kubernetes objects as small frozen values: only the fields that affect answers, with the defaults of the API server
// filled in. Addresses are strings in canonical form (IPv6 as in RFC 5952).
import type { Place } from "./problem.ts";

export type IpFamily = "IPv4" | "IPv6";

/** The family of an address. */
export function familyOf(address: string): IpFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

export type Protocol = "TCP" | "UDP" | "SCTP";
export type Labels = ReadonlyMap<string, string>;

/** The fields of every object. `place` is absent for objects that come from no file. */
interface Common {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly place?: Place;
  /** A cluster holds the object, as its uid or resourceVersion shows: what it says of the cluster's state is true. */
  readonly observed?: true;
}

/** Namespace (core/v1). Its `namespace` is empty; the namespace it stands for is its `name`. */
export interface Namespace extends Common {
  readonly kind: "Namespace";
  /** In no source: every cluster has it. */
  readonly simulated?: true;
}

/** A port of a Service. An absent `name` is empty; an absent `targetPort` is `port`. */
export interface ServicePort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number | string;
}

/** Service (core/v1). */
export interface Service extends Common {
  readonly kind: "Service";
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** `clusterIP: None`. */
  readonly headless: boolean;
  /** Empty for headless and ExternalName services, and before an address is allocated. */
  readonly clusterIPs: readonly string[];
  /** As in the manifest; empty if absent. */
  readonly ipFamilies: readonly IpFamily[];
  readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly ports: readonly ServicePort[];
  /** Undefined if absent or empty in the manifest. */
  readonly selector?: Labels;
  /** For ExternalName services: as in the manifest, without a trailing dot. */
  readonly externalName?: string;
  readonly publishNotReadyAddresses: boolean;
  /** The annotation `cluster-dns/addresses`: where the processes really run. */
  readonly addresses?: readonly string[];
  /** In no source: every cluster has it, or an operator would make it. */
  readonly simulated?: true;
  /** The resource for which an operator would make it, by its kind with group. */
  readonly maker?: Owner;
}

/** A port of endpoints. `port` is the target port; an absent `name` is empty. */
export interface EndpointPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** One endpoint of a service. */
export interface Endpoint {
  /** Usually one; in a slice all of the same family. */
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly hostname?: string;
  /** `targetRef.name` if the target is a Pod. */
  readonly podName?: string;
}

/**
 * EndpointSlice (discovery.k8s.io/v1); slices of addressType FQDN are dropped. `observed`: a cluster's controllers made
 * it, as its label, its owner or its targets show too.
 */
export interface EndpointSlice extends Common {
  readonly kind: "EndpointSlice";
  /** The label `kubernetes.io/service-name`. */
  readonly serviceName: string;
  readonly addressType: IpFamily;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointPort[];
  /** When the change of a pod or service happened that led to this version, wall clock, ms; as its cluster says. */
  readonly triggeredAtMs?: number;
  /** Derived here from a service and its pods or Endpoints, as in a cluster. */
  readonly isDerived?: true;
}

/**
 * Endpoints (core/v1). Every address of a subset has all ports of the subset; families may be mixed. `observed`: as for
 * slices.
 */
export interface Endpoints extends Common {
  readonly kind: "Endpoints";
  /** The label `endpointslice.kubernetes.io/skip-mirror`, or the annotation of a leader election. */
  readonly skipsMirroring?: true;
  readonly subsets: readonly { readonly endpoints: readonly Endpoint[]; readonly ports: readonly EndpointPort[] }[];
}

/** `dnsConfig` of a pod. */
export interface PodDnsConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly { readonly name: string; readonly value?: string }[];
}

/** The fields of a pod's spec that matter here; the template of a workload has the same. */
export interface PodSpec {
  readonly hostname?: string;
  readonly subdomain?: string;
  /** The named ports of all containers. */
  readonly namedPorts: readonly EndpointPort[];
  readonly hostNetwork: boolean;
  readonly dnsPolicy: "ClusterFirst" | "ClusterFirstWithHostNet" | "Default" | "None";
  readonly dnsConfig?: PodDnsConfig;
  readonly enableServiceLinks: boolean;
  /** `restartPolicy` Never or OnFailure: the pod is there until its work is done. */
  readonly transient?: true;
}

/**
 * Why a pod or a workload does not run, although it is in the manifests: a hook of Helm or Argo CD, the template of a
 * CronJob, a Job that is suspended or over.
 */
export type Inactive = "hook" | "scheduled" | "suspended" | "finished";

/**
 * The owner that creates an object: the controller among its `ownerReferences`, otherwise the first of them. `kind` has
 * its group as `qualifiedKind` says.
 */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** Pod (core/v1). One that says nothing of its state is simulated: it gets an address and runs. */
export interface Pod extends Common, PodSpec {
  readonly kind: "Pod";
  readonly labels: Labels;
  /** `status.podIPs`, otherwise `status.podIP`; empty before an address is assigned. */
  readonly ips: readonly string[];
  /** `status.phase`; empty if absent. */
  readonly phase: string;
  /**
   * Condition `Ready` is True, there is no deletionTimestamp, and no annotation `cluster-dns/ready: "false"`. A pod
   * without a status needs no condition.
   */
  readonly ready: boolean;
  /** For a pod that was created here: its workload. */
  readonly owner?: Owner;
  readonly inactive?: Inactive;
  /** `template`: created here from the template of a workload. `manifest`: a Pod of the manifests that runs here. */
  readonly simulated?: "template" | "manifest";
}

/** Whether a cluster has told of the pod: it has a uid, a phase or an address of its own. */
export function isPodFromCluster(pod: Pod): boolean {
  return pod.simulated === undefined && (pod.observed === true || pod.phase !== "" || pod.ips.length > 0);
}

/** Whether the pod has ended: its address may be another's by now. */
export function isOver({ phase }: Pick<Pod, "phase">): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** The pod template of a workload. */
export interface PodTemplate extends PodSpec {
  readonly labels: Labels;
  /** No annotation `cluster-dns/ready: "false"`. */
  readonly ready: boolean;
}

export type WorkloadKind =
  | "StatefulSet"
  | "Deployment"
  | "ReplicaSet"
  | "ReplicationController"
  | "DaemonSet"
  | "Job"
  | "CronJob";

/**
 * StatefulSet, Deployment, ReplicaSet, DaemonSet (apps/v1), ReplicationController (core/v1), Job, CronJob (batch/v1),
 * and objects of others that have the same form.
 */
export interface Workload extends Common {
  readonly kind: "Workload";
  /** For a kind of others, the kind whose form it has. */
  readonly workloadKind: WorkloadKind;
  /** A kind of others with its group, such as `Rollout.argoproj.io`. */
  readonly customKind?: string;
  /** Pods at a time: `replicas`; the `parallelism` of a Job; for a DaemonSet, 1 per node. A status outweighs it. */
  readonly replicas: number;
  /** How many of `replicas` are ready. Only from a status, and then `replicas` is from the status too. */
  readonly readyReplicas?: number;
  readonly inactive?: Inactive;
  /** `selector.matchLabels` (`selector` of a ReplicationController); the labels of the template if absent. */
  readonly selector: Labels;
  readonly template: PodTemplate;
  /** A StatefulSet's `serviceName`. */
  readonly serviceName?: string;
  /** A StatefulSet's `ordinals.start`. */
  readonly firstOrdinal: number;
  /** A StatefulSet with `podManagementPolicy: Parallel`: a pod does not wait until the one before it is ready. */
  readonly parallel?: true;
  /** `completionMode: Indexed` of a Job: its pods have hostnames. */
  readonly indexed: boolean;
  /** The annotation `cluster-dns/addresses`: where the processes really run. */
  readonly addresses?: readonly string[];
  readonly owner?: Owner;
  /** In no source: the resource for which an operator would make it, by its kind with group. */
  readonly maker?: Owner;
  /** The template is that of another workload (`spec.workloadRef`), which has no pods if it is `scaledDown`. */
  readonly templateFrom?: Owner & { readonly scaledDown: boolean };
}

/** Node (core/v1): a DaemonSet has one pod on each. */
export interface Node extends Common {
  readonly kind: "Node";
}

/** An object of any other kind. It only makes its namespace exist. */
export interface OtherObject extends Common {
  readonly kind: "Other";
  readonly apiVersion: string;
  /** The kind, e.g. `ConfigMap`. */
  readonly otherKind: string;
  /** What an operator would make for the object; undefined if the kind is not known, or of no operator. */
  readonly makes?: readonly (Service | Workload)[];
}

export type KubeObject = Namespace | Service | EndpointSlice | Endpoints | Pod | Workload | Node | OtherObject;

/** The identity of an object: `Kind namespace/name`, for `OtherObject` with the API version after the kind. */
export function objectKey(object: KubeObject): string {
  return `${kindName(object)} ${object.namespace}/${object.name}`;
}

/** The objects by their keys; of several with one key the last. */
export function objectsByKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [objectKey(object), object]));
}

/** The workload as the owner of its pods. */
export function ownerOf({ workloadKind, customKind, name }: Workload): Owner {
  return { kind: customKind ?? workloadKind, name };
}

/** The kind, with its group unless that is one of the short names of Kubernetes' own groups. */
export function qualifiedKind(kind: string, apiVersion: string): string {
  const group = apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")));
  return group.includes(".") ? `${kind}.${group}` : kind;
}

function kindName(object: KubeObject): string {
  if (object.kind === "Workload") return ownerOf(object).kind;
  return object.kind === "Other" ? `${object.otherKind}.${object.apiVersion}` : object.kind;
}
