// The kinds that Kubernetes itself serves, and the one that a misspelled kind or version stands for. Kinds of others
// may share a name, such as Knative's Service: only groups that Kubernetes reserves for itself are judged. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/
import { editDistance } from "../std/nearest.ts";

interface GroupVersion {
  readonly apiVersion: string;
  readonly namespaced: string;
  readonly clusterScoped: string;
}

const GROUP_VERSIONS: readonly GroupVersion[] = [
  {
    apiVersion: "v1",
    namespaced: `Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate
      ReplicationController ResourceQuota Secret Service ServiceAccount`,
    clusterScoped: "ComponentStatus Namespace Node PersistentVolume",
  },
  {
    apiVersion: "apps/v1",
    namespaced: "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    clusterScoped: "",
  },
  { apiVersion: "batch/v1", namespaced: "CronJob Job", clusterScoped: "" },
  { apiVersion: "autoscaling/v2", namespaced: "HorizontalPodAutoscaler", clusterScoped: "" },
  { apiVersion: "policy/v1", namespaced: "PodDisruptionBudget", clusterScoped: "PodSecurityPolicy" },
  { apiVersion: "discovery.k8s.io/v1", namespaced: "EndpointSlice", clusterScoped: "" },
  {
    apiVersion: "networking.k8s.io/v1",
    namespaced: "Ingress NetworkPolicy",
    clusterScoped: "IPAddress IngressClass ServiceCIDR",
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    namespaced: "Role RoleBinding",
    clusterScoped: "ClusterRole ClusterRoleBinding",
  },
  { apiVersion: "coordination.k8s.io/v1", namespaced: "Lease LeaseCandidate", clusterScoped: "" },
  {
    apiVersion: "storage.k8s.io/v1",
    namespaced: "CSIStorageCapacity",
    clusterScoped: "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
  },
  { apiVersion: "scheduling.k8s.io/v1", namespaced: "Workload", clusterScoped: "PriorityClass" },
  { apiVersion: "node.k8s.io/v1", namespaced: "", clusterScoped: "RuntimeClass" },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    namespaced: "",
    clusterScoped: `MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration
      ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration`,
  },
  { apiVersion: "apiextensions.k8s.io/v1", namespaced: "", clusterScoped: "CustomResourceDefinition" },
  { apiVersion: "apiregistration.k8s.io/v1", namespaced: "", clusterScoped: "APIService" },
  {
    apiVersion: "certificates.k8s.io/v1",
    namespaced: "PodCertificateRequest",
    clusterScoped: "CertificateSigningRequest ClusterTrustBundle",
  },
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    namespaced: "",
    clusterScoped: "FlowSchema PriorityLevelConfiguration",
  },
  {
    apiVersion: "authorization.k8s.io/v1",
    namespaced: "LocalSubjectAccessReview",
    clusterScoped: "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
  },
  { apiVersion: "authentication.k8s.io/v1", namespaced: "", clusterScoped: "SelfSubjectReview TokenReview" },
  {
    apiVersion: "resource.k8s.io/v1",
    namespaced: "ResourceClaim ResourceClaimTemplate",
    clusterScoped: "DeviceClass ResourceSlice",
  },
  {
    apiVersion: "storagemigration.k8s.io/v1beta1",
    namespaced: "",
    clusterScoped: "StorageVersion StorageVersionMigration",
  },
  { apiVersion: "gateway.networking.k8s.io/v1", namespaced: "", clusterScoped: "GatewayClass" },
];

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

/** The kinds of Kubernetes without a namespace. The scope of custom resources is not known. */
export const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  GROUP_VERSIONS.flatMap(({ clusterScoped }) => words(clusterScoped)),
);

const VERSIONS: ReadonlyMap<string, string> = new Map(
  GROUP_VERSIONS.filter(({ apiVersion }) => !apiVersion.startsWith("gateway.")).flatMap((row) =>
    words(`${row.namespaced} ${row.clusterScoped}`).map((kind): [string, string] => [kind, row.apiVersion]),
  ),
);

/** The groups that have what is read here; a tool that is no cluster rarely uses them for documents of its own. */
const CLOSED_GROUPS = ["", "apps", "batch", "discovery.k8s.io"];
/** Kinds that these groups have or had besides, kinds of tools, and those of OpenShift before it had groups. */
const KINDS_WITHOUT_ROW: ReadonlySet<string> = new Set(
  words(`APIGroup APIResource APIVersions Config DeleteOptions DeploymentRollback Eviction JobTemplate List
    PodStatusResult Preferences RangeAllocation Scale SerializedReference Status TokenRequest
    AppliedClusterResourceQuota Build BuildConfig BuildLog BuildRequest ClusterNetwork ClusterPolicy
    ClusterPolicyBinding ClusterResourceQuota ClusterRole ClusterRoleBinding DeploymentConfig DeploymentRequest
    EgressNetworkPolicy Group HostSubnet Identity Image ImageSignature ImageStream ImageStreamImage
    ImageStreamImport ImageStreamMapping ImageStreamTag NetNamespace OAuthClient Policy PolicyBinding
    ProcessedTemplate Project ProjectRequest Role RoleBinding RoleBindingRestriction Route
    SecurityContextConstraints Template User UserIdentityMapping`),
);

const GROUPS: readonly string[] = [...new Set(VERSIONS.values())].map(groupOf).filter((group) => group.includes("."));
/** Longer kinds may have two wrong letters. */
const LONG_KIND = 8;

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

/**
 * Whether Kubernetes reserves the group for itself: one without a dot, or nearly one of its own. For a kind of its own
 * that is any group of k8s.io, where projects have other kinds.
 */
function isOwnGroup(group: string, isOwnKind: boolean): boolean {
  return (
    !group.includes(".") ||
    (isOwnKind && /(?:^|\.)k8s\.io$/.test(group)) ||
    GROUPS.some((own) => editDistance(own, group.toLowerCase()) <= 1)
  );
}

/**
 * The kind and version that `kind` in `apiVersion` stands for. Undefined if Kubernetes may serve it, if it is a kind of
 * others, or if nothing is near. `isRead` tells the kinds whose versions are all known here.
 */
export function meantKind(
  apiVersion: string,
  kind: string,
  isRead: (kind: string) => boolean,
): { readonly apiVersion: string; readonly kind: string } | undefined {
  if (!isOwnGroup(groupOf(apiVersion), isRead(kind)) || kind.endsWith("List")) return undefined;
  const name = VERSIONS.has(kind) ? kind : nearestKind(kind);
  if (name === undefined || (name === kind && !isRead(kind))) return undefined;
  return { apiVersion: VERSIONS.get(name)!, kind: name };
}

/** Whether Kubernetes has no such kind in one of its groups whose kinds are all known here, in any version. */
export function isUnknownKind(apiVersion: string, kind: string): boolean {
  const isClosed = CLOSED_GROUPS.includes(groupOf(apiVersion)) && apiVersion !== "";
  return isClosed && !VERSIONS.has(kind) && !KINDS_WITHOUT_ROW.has(kind) && !kind.endsWith("List");
}

function nearestKind(kind: string): string | undefined {
  const written = kind.toLowerCase();
  const names = [...VERSIONS.keys()];
  const isSpelled = (name: string): boolean => [written, `${written}s`, `${written}es`].includes(name.toLowerCase());
  const limit = kind.length < LONG_KIND ? 1 : 2;
  return (
    names.find(isSpelled) ??
    names.find((name) => [`${name.toLowerCase()}s`, `${name.toLowerCase()}es`].includes(written)) ??
    names.find((name) => editDistance(name.toLowerCase(), written) <= limit)
  );
}
