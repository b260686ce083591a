// Who asks: a namespace, a pod or an address, as its search list and the address by which access rules judge it. And
// the names that a resolver asks for, in its order, as glibc does. Pure.
// resolv.conf(5): search, ndots.
import { formatName, parseName } from "../dns/name.ts";
import { canonicalIp, formatIp } from "../net/ip.ts";
import { isOver } from "../objects/kube-object.ts";
import type { Pod } from "../objects/kube-object.ts";
import { findKubeDns } from "../resolv-conf/cluster-nameservers.ts";
import { podResolvConf, usesClusterDns } from "../resolv-conf/pod-resolv-conf.ts";
import type { PodResolvConfInput } from "../resolv-conf/pod-resolv-conf.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import type { SearchList } from "./explanation.ts";
import type { ExplainedCluster, ExplainView } from "./explain-view.ts";
import { nearestOf } from "./nearest-names.ts";

export interface Asker {
  readonly search: SearchList;
  readonly hints: readonly string[];
}

/** What a resolver does without an option (resolv.conf(5)). */
const NDOTS = 1;
const LOCALHOST = "127.0.0.1";

export function findAsker(
  from: string,
  view: ExplainView,
): Asker | { readonly fault: string; readonly isMissing?: true } {
  const address = canonicalIp(from);
  if (address !== undefined) return askerAt(address, view);
  const [namespace = "", name, ...rest] = from.split("/");
  if (namespace === "" || name === "" || rest.length > 0)
    return { fault: `${JSON.stringify(from)} is not a NAMESPACE, a pod as NAMESPACE/NAME, or an IP address` };
  if (name === undefined) return askerOfNamespace(namespace, view);
  for (const cluster of view.clusters) {
    const pod = cluster.registry.pod(namespace, name);
    if (pod !== undefined) return askerOfPod(pod, cluster, view);
  }
  const pods = view.clusters.flatMap(({ registry }) =>
    [...registry.objects()].filter((object) => object.kind === "Pod"),
  );
  const nearest = nearestOf(
    from,
    pods.map((pod) => `${pod.namespace}/${pod.name}`),
  );
  return { fault: `there is no pod ${from}${nearest === undefined ? "" : `; nearest: ${nearest}`}`, isMissing: true };
}

function askerAt(address: string, view: ExplainView): Asker {
  for (const cluster of view.clusters) {
    const pods: Pod[] = [];
    for (const object of cluster.registry.objects())
      if (object.kind === "Pod" && !isOver(object) && object.ips.includes(address)) pods.push(object);
    if (pods.length === 1) return askerOfPod(pods[0]!, cluster, view, address);
  }
  const search = { of: address, address, domains: [], ndots: NDOTS };
  return { search, hints: [`no pod has the address ${address}: no search list is known for it`] };
}

function askerOfNamespace(namespace: string, view: ExplainView): Asker {
  const cluster = view.clusters.find(({ registry }) => registry.hasNamespace(namespace)) ?? view.clusters[0]!;
  const pod = { namespace, dnsPolicy: "ClusterFirst", hostNetwork: false } as const;
  return {
    search: searchOf(`namespace ${namespace}`, addressInRange(view), confOf(pod, cluster, view)),
    hints: cluster.registry.hasNamespace(namespace) ? [] : [missingNamespace(namespace, cluster)],
  };
}

function missingNamespace(namespace: string, { registry }: ExplainedCluster): string {
  const nearest = nearestOf(namespace, [...registry.namespaces()]);
  return `nothing is in the namespace ${namespace}${nearest === undefined ? "" : `; nearest: ${nearest}`}`;
}

function askerOfPod(pod: Pod, cluster: ExplainedCluster, view: ExplainView, address?: string): Asker {
  const name = `pod ${pod.namespace}/${pod.name}`;
  const conf = confOf(pod, cluster, view);
  const policy = pod.hostNetwork && pod.dnsPolicy === "ClusterFirst" ? "Default (hostNetwork)" : pod.dnsPolicy;
  return {
    search: searchOf(name, address ?? pod.ips[0] ?? addressInRange(view), conf),
    hints:
      usesClusterDns(pod) || asksKubeDns(pod, cluster)
        ? []
        : [`${name} does not ask the cluster's DNS server: its dnsPolicy is ${policy}`],
  };
}

/** Whether `dnsConfig` names the cluster's DNS server. */
function asksKubeDns({ dnsConfig }: Pod, { registry }: ExplainedCluster): boolean {
  const kubeDns = findKubeDns(registry.objects());
  return kubeDns?.clusterIPs.some((address) => dnsConfig?.nameservers.includes(address)) === true;
}

function confOf(pod: PodResolvConfInput["pod"], { domain }: ExplainedCluster, { node }: ExplainView): ResolvConf {
  return podResolvConf({ pod, clusterDomain: domain, clusterNameservers: [], node }).conf;
}

function searchOf(of: string, address: string, { searches, options }: ResolvConf): SearchList {
  const ndots = options.findLast((option) => /^ndots:\d+$/.test(option))?.slice("ndots:".length);
  return { of, address, domains: searches, ndots: ndots === undefined ? NDOTS : Number(ndots) };
}

/** An address that a pod without one may have. */
function addressInRange({ podCidrs }: ExplainView): string {
  const bytes = podCidrs[0]?.bytes.slice();
  if (bytes === undefined) return LOCALHOST;
  bytes[bytes.length - 1]! |= 1;
  return formatIp(bytes);
}

/** Whether the name ends in a dot, which ends the search before it begins. */
export function isWhole(name: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\.$/.test(name);
}

/** The names to ask for, in text form with the final dot; those that are too long are left out. */
export function candidateNames(name: string, { domains, ndots }: Pick<SearchList, "domains" | "ndots">): string[] {
  const wire = parseName(name)!;
  const whole = formatName(wire);
  const searched = domains.flatMap((domain) => {
    const joined = parseName(`${name}.${domain}`);
    return joined === undefined ? [] : [formatName(joined)];
  });
  return dotsOf(wire) >= ndots ? [whole, ...searched] : [...searched, whole];
}

function dotsOf(wire: Uint8Array): number {
  let labels = 0;
  for (let at = 0; wire[at] !== 0; at += 1 + wire[at]!) labels++;
  return labels - 1;
}
