// What custom resources say about pods and services that are not in the manifests: an operator may create some. Judged
// by the group of the resource and the domain of a label's key, never by the resource's name alone. Pure.
import type { Labels, OtherObject } from "../objects/kube-object.ts";

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(["", "apps", "autoscaling", "batch", "extensions", "policy"]);

/** Groups, or single kinds of a group, whose controllers create neither pods nor services. */
const WITHOUT_PODS: readonly (readonly [group: RegExp, kinds?: RegExp])[] = [
  [/(?:^|\.)cert-manager\.io$/],
  [/\.istio\.io$/],
  [/^traefik\.(?:io|containo\.us)$/],
  [/(?:^|\.)(?:k8s|x-k8s)\.io$/],
  [/^external-secrets\.io$/],
  [/^monitoring\.coreos\.com$/, /^(?:.*Monitor|Probe|PrometheusRule|ScrapeConfig|AlertmanagerConfig)$/],
  [/^operator\.victoriametrics\.com$/, /^VM(?:.*Scrape|Probe|Rule|User|AlertmanagerConfig)$/],
  [/^argoproj\.io$/, /^(?:App.*|.*Template|AnalysisRun)$/],
  [/(?:^|\.)(?:cilium\.io|projectcalico\.org|kyverno\.io|gatekeeper\.sh|keda\.sh|fluxcd\.io|velero\.io)$/],
  [/^bitnami\.com$/],
  [/(?:^|\.)projectcontour\.io$/],
  [/(?:^|\.)openshift\.io$/, /^(?!DeploymentConfig)/],
];

/** Keys of labels that operators set outside the domain of their group. */
const KEYS_OF_GROUP: ReadonlyMap<string, readonly string[]> = new Map([
  ["monitoring.coreos.com", ["prometheus", "alertmanager", "operator.prometheus.io/name", "thanos-ruler"]],
  ["acid.zalan.do", ["cluster-name"]],
  ["rabbitmq.com", ["app.kubernetes.io/name"]],
  ["databases.spotahome.com", ["app.kubernetes.io/name"]],
  ["mongodbcommunity.mongodb.com", ["app"]],
]);

/** Domains that belong to nobody's operator. */
const SHARED_DOMAINS: ReadonlySet<string> = new Set(["kubernetes.io", "k8s.io"]);

/** The group of an API version; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(apiVersion.indexOf("/"), 0));
}

/** Whether an operator may create pods and services for the object. */
export function mayHavePods({ apiVersion, otherKind }: OtherObject): boolean {
  const group = groupOf(apiVersion);
  if (BUILT_IN_GROUPS.has(group)) return false;
  return !WITHOUT_PODS.some(([groups, kinds]) => groups.test(group) && kinds?.test(otherKind) !== false);
}

/** Whether the selector has a label that the operator of this resource sets on its pods. */
export function selectsPodsOf({ apiVersion, name }: OtherObject, selector: Labels): boolean {
  const group = groupOf(apiVersion);
  const isOfOperator = (key: string): boolean =>
    KEYS_OF_GROUP.get(group)?.includes(key) === true || isSameDomain(group, key);
  const isOfResource = (value: string): boolean => value === name || value.startsWith(`${name}-`);
  return [...selector.keys()].some(isOfOperator) && [...selector.values()].some(isOfResource);
}

/** Whether the prefix of a label's key belongs to the owner of the group: `cnpg.io/cluster`, `postgresql.cnpg.io`. */
function isSameDomain(group: string, key: string): boolean {
  const slash = key.indexOf("/");
  if (slash === -1) return false;
  const domain = registeredDomain(key.slice(0, slash));
  return !SHARED_DOMAINS.has(domain) && domain === registeredDomain(group);
}

function registeredDomain(name: string): string {
  return name.split(".").slice(-2).join(".");
}
