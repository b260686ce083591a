// The resolv.conf that a kubelet gives a pod: `dnsPolicy`, `hostNetwork` and `dnsConfig` joined with the node's own
// file, then cut to the limits of Kubernetes (PodSpec in core/v1; pkg/kubelet/network/dns). Pure: reads no file.
import type { Pod } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { ResolvConf } from "./resolv-conf.ts";
import { mergeOptions } from "./resolv-conf.ts";

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
/** Characters of one search domain. */
const MAX_SEARCH_LENGTH = 253;
/** Characters of all search domains, with the spaces between them. */
const MAX_SEARCH_LIST_LENGTH = 2048;

/** What a pod's resolv.conf is made from. */
export interface PodResolvConfInput {
  readonly pod: Pick<Pod, "namespace" | "dnsPolicy" | "hostNetwork" | "dnsConfig">;
  /** Lower case, without a trailing dot. */
  readonly clusterDomain: string;
  /** Addresses of the cluster's DNS server. */
  readonly clusterNameservers: readonly string[];
  /** The node's own file. */
  readonly node: ResolvConf;
}

/** Whether the pod asks the cluster's DNS server: ClusterFirst does not count on the host's network. */
export function usesClusterDns(pod: Pick<Pod, "dnsPolicy" | "hostNetwork">): boolean {
  return pod.dnsPolicy === "ClusterFirstWithHostNet" || (pod.dnsPolicy === "ClusterFirst" && !pod.hostNetwork);
}

/** The pod's resolv.conf within the limits, with a warning for all that was cut or is missing. */
export function podResolvConf(input: PodResolvConfInput): { conf: ResolvConf; warnings: readonly Problem[] } {
  const { pod } = input;
  let conf = policyConf(input);
  if (pod.dnsConfig !== undefined) {
    const { nameservers, searches, options } = pod.dnsConfig;
    conf = {
      nameservers: unique([...conf.nameservers, ...nameservers]),
      searches: unique([...conf.searches, ...searches]),
      options: mergeOptions(
        conf.options,
        // An empty value is no value: the kubelet writes no colon for it.
        options.map(({ name, value }) => (value === undefined || value === "" ? name : `${name}:${value}`)),
      ),
    };
  }
  return fitLimits(conf);
}

function policyConf({ pod, clusterDomain, clusterNameservers, node }: PodResolvConfInput): ResolvConf {
  if (pod.dnsPolicy === "None") return { nameservers: [], searches: [], options: [] };
  if (!usesClusterDns(pod)) return node;
  const clusterSearches = [`${pod.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return {
    nameservers: clusterNameservers,
    searches: unique([...clusterSearches, ...node.searches]),
    // The node's options stay on the node.
    options: ["ndots:5"],
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function fitLimits(conf: ResolvConf): { conf: ResolvConf; warnings: readonly Problem[] } {
  const warnings: Problem[] = [];
  const nameservers = conf.nameservers.slice(0, MAX_NAMESERVERS);
  const warnOfCut = (what: string, limit: string, cut: readonly string[]): void => {
    if (cut.length > 0) warnings.push(limitWarning(`${what} cut to ${limit}: left out ${cut.join(" ")}`));
  };
  warnOfCut("nameservers", `${MAX_NAMESERVERS}`, conf.nameservers.slice(MAX_NAMESERVERS));
  if (nameservers.length === 0) warnings.push(noNameserver());

  // The order of the three cuts is the kubelet's and shows in the result: a domain too long still takes its place
  // among the first 32.
  const counted = conf.searches.slice(0, MAX_SEARCHES);
  warnOfCut("search list", `${MAX_SEARCHES} domains`, conf.searches.slice(MAX_SEARCHES));
  const fitting = counted.filter((domain) => domain.length <= MAX_SEARCH_LENGTH);
  warnOfCut(
    "search list",
    `domains of ${MAX_SEARCH_LENGTH} characters`,
    counted.filter((domain) => !fitting.includes(domain)),
  );
  let kept = fitting.length;
  while (fitting.slice(0, kept).join(" ").length > MAX_SEARCH_LIST_LENGTH) kept--;
  warnOfCut("search list", `${MAX_SEARCH_LIST_LENGTH} characters`, fitting.slice(kept));
  return { conf: { nameservers, searches: fitting.slice(0, kept), options: conf.options }, warnings };
}

function limitWarning(message: string): Problem {
  return {
    code: "resolv-conf-limit",
    severity: "warning",
    message,
    advice: "shorten the pod's dnsConfig or the node's resolv.conf; Kubernetes gives a pod no more than this",
  };
}

function noNameserver(): Problem {
  return {
    code: "resolv-conf-no-nameserver",
    severity: "warning",
    message: "no nameserver: a resolver then asks its own machine",
    advice: "name one in the pod's dnsConfig, or in the node's resolv.conf for dnsPolicy Default",
  };
}
