// The slim, frozen shapes of the Kubernetes objects that answers are made from: only the fields that matter here,
// with the API server's defaults filled in. Addresses are text in canonical form (IPv6 as in RFC 5952).
import type { Place } from "./problem.ts";

export type IpFamily = "IPv4" | "IPv6";

/** The family of an address in text. */
export function familyOf(address: string): IpFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

export type Protocol = "TCP" | "UDP" | "SCTP";
export type Labels = ReadonlyMap<string, string>;

/** What every object has. `place` is absent for objects that no file holds. */
interface Common {
  /** Empty for objects that live in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly place?: Place;
}

/** Namespace (core/v1); `namespace` is empty, the namespace is its `name`. */
export interface Namespace extends Common {
  readonly kind: "Namespace";
}

/** A port of a Service. `name` is empty when absent; `targetPort` is `port` when absent. */
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
  /** Empty for headless and ExternalName services, and while none is allocated. */
  readonly clusterIPs: readonly string[];
  /** As written; empty when absent. */
  readonly ipFamilies: readonly IpFamily[];
  readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly ports: readonly ServicePort[];
  /** Absent or empty in the manifest: undefined. */
  readonly selector?: Labels;
  /** Of ExternalName services: as written, without a trailing dot. */
  readonly externalName?: string;
  readonly publishNotReadyAddresses: boolean;
  /** The annotation `cluster-dns/addresses`: where its processes really run. */
  readonly addresses?: readonly string[];
}

/** A port that endpoints have. `port` is the target port; `name` is empty when absent. */
export interface EndpointPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** One address behind a service. */
export interface Endpoint {
  /** All of one family per slice; usually one. */
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly hostname?: string;
  /** `targetRef.name` where it names a Pod. */
  readonly podName?: string;
}

/** EndpointSlice (discovery.k8s.io/v1); slices of addressType FQDN are not represented. */
export interface EndpointSlice extends Common {
  readonly kind: "EndpointSlice";
  /** The label `kubernetes.io/service-name`. */
  readonly serviceName: string;
  readonly addressType: IpFamily;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointPort[];
  /** Made here from a service and its pods or Endpoints, as a cluster would have. */
  readonly isDerived?: true;
}

/** Endpoints (core/v1); each subset's addresses have all of its ports. Families may be mixed. */
export interface Endpoints extends Common {
  readonly kind: "Endpoints";
  readonly subsets: readonly { readonly endpoints: readonly Endpoint[]; readonly ports: readonly EndpointPort[] }[];
}

/** `dnsConfig` of a pod. */
export interface PodDnsConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly { readonly name: string; readonly value?: string }[];
}

/** What of a pod's spec matters here; a workload's template has the same. */
export interface PodSpec {
  readonly hostname?: string;
  readonly subdomain?: string;
  /** Of all containers, the named ones only. */
  readonly namedPorts: readonly EndpointPort[];
  readonly hostNetwork: boolean;
  readonly dnsPolicy: "ClusterFirst" | "ClusterFirstWithHostNet" | "Default" | "None";
  readonly dnsConfig?: PodDnsConfig;
  readonly enableServiceLinks: boolean;
}

/** What made an object and would make it again: the controller among its `ownerReferences`, else the first. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** Pod (core/v1). */
export interface Pod extends Common, PodSpec {
  readonly kind: "Pod";
  readonly labels: Labels;
  /** `status.podIPs`, else `status.podIP`; empty while it has none. */
  readonly ips: readonly string[];
  /** `status.phase`; empty when absent. */
  readonly phase: string;
  /** Condition `Ready` is True, there is no deletionTimestamp, and no annotation `cluster-dns/ready: "false"`. */
  readonly ready: boolean;
  /** Of a simulated pod: the workload. */
  readonly owner?: Owner;
  /** Made here from a workload's template, as a cluster would have. */
  readonly simulated?: true;
}

/** A workload's pod template. */
export interface PodTemplate extends PodSpec {
  readonly labels: Labels;
  /** No annotation `cluster-dns/ready: "false"`. */
  readonly ready: boolean;
}

/** StatefulSet, Deployment, ReplicaSet, DaemonSet (apps/v1), ReplicationController (core/v1), Job (batch/v1). */
export interface Workload extends Common {
  readonly kind: "Workload";
  readonly workloadKind: "StatefulSet" | "Deployment" | "ReplicaSet" | "ReplicationController" | "DaemonSet" | "Job";
  /** Pods at one time: `replicas`, a Job's `parallelism`; of a DaemonSet 1 for each node. */
  readonly replicas: number;
  /** `selector.matchLabels` (a ReplicationController's `selector`); the template's labels when absent. */
  readonly selector: Labels;
  readonly template: PodTemplate;
  /** A StatefulSet's `serviceName`. */
  readonly serviceName?: string;
  /** A StatefulSet's `ordinals.start`. */
  readonly firstOrdinal: number;
  /** A Job's `completionMode: Indexed`: its pods have host names. */
  readonly indexed: boolean;
  /** The annotation `cluster-dns/addresses`: where its processes really run. */
  readonly addresses?: readonly string[];
  readonly owner?: Owner;
}

/** Node (core/v1): a DaemonSet has one pod on each. */
export interface Node extends Common {
  readonly kind: "Node";
}

/** An object of any other kind: all it does is make its namespace exist. */
export interface OtherObject extends Common {
  readonly kind: "Other";
  readonly apiVersion: string;
  /** The kind as written, e.g. `Deployment`. */
  readonly otherKind: string;
}

export type KubeObject = Namespace | Service | EndpointSlice | Endpoints | Pod | Workload | Node | OtherObject;

/** What tells two objects apart, as `Kind namespace/name`; of other kinds the API version counts too. */
export function objectKey(object: KubeObject): string {
  return `${kindName(object)} ${object.namespace}/${object.name}`;
}

function kindName(object: KubeObject): string {
  if (object.kind === "Workload") return object.workloadKind;
  return object.kind === "Other" ? `${object.otherKind}.${object.apiVersion}` : object.kind;
}
