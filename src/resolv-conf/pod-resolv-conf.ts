// The resolv.conf that a kubelet writes for a pod, from `dnsPolicy`, `hostNetwork`, `dnsConfig` and the node's file,
// cut to the limits of Kubernetes (PodSpec in core/v1; pkg/kubelet/network/dns). Pure: reads no file.
import type { Pod } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { ResolvConf } from "./resolv-conf.ts";
import { mergeOptions } from "./resolv-conf.ts";

const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
/** Characters of one search domain. */
const SEARCH_CHARACTERS_MAX = 253;
/** Characters of all search domains, with the spaces between them. */
const SEARCH_LIST_CHARACTERS_MAX = 2048;

/** The input of `podResolvConf`. */
export interface PodResolvConfInput {
  readonly pod: Pick<Pod, "namespace" | "dnsPolicy" | "hostNetwork" | "dnsConfig">;
  /** Lower case, without a trailing dot. */
  readonly clusterDomain: string;
  /** The addresses of the cluster's DNS server. */
  readonly clusterNameservers: readonly string[];
  /** The resolv.conf of the node. */
  readonly node: ResolvConf;
}

/** Whether the pod uses the cluster's DNS server; with `hostNetwork`, ClusterFirst means Default. */
export function usesClusterDns(pod: Pick<Pod, "dnsPolicy" | "hostNetwork">): boolean {
  return pod.dnsPolicy === "ClusterFirstWithHostNet" || (pod.dnsPolicy === "ClusterFirst" && !pod.hostNetwork);
}

/** The pod's resolv.conf within the limits, with a warning for each cut and for a missing nameserver. */
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
        // The kubelet writes no colon for an empty value.
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
    // The options of the node do not apply to the pod.
    options: ["ndots:5"],
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function fitLimits(conf: ResolvConf): { conf: ResolvConf; warnings: readonly Problem[] } {
  const warnings: Problem[] = [];
  const nameservers = conf.nameservers.slice(0, NAMESERVERS_MAX);
  const warnOfCut = (what: string, limit: string, cut: readonly string[]): void => {
    if (cut.length > 0) warnings.push(limitWarning(`${what} cut to ${limit}: left out ${cut.join(" ")}`));
  };
  warnOfCut("nameservers", `${NAMESERVERS_MAX}`, conf.nameservers.slice(NAMESERVERS_MAX));
  if (nameservers.length === 0) warnings.push(noNameserver());

  // The order of the three cuts is that of the kubelet and affects the result: a domain that is too long still counts
  // among the first 32.
  const counted = conf.searches.slice(0, SEARCHES_MAX);
  warnOfCut("search list", `${SEARCHES_MAX} domains`, conf.searches.slice(SEARCHES_MAX));
  const fitting = counted.filter((domain) => domain.length <= SEARCH_CHARACTERS_MAX);
  warnOfCut(
    "search list",
    `domains of ${SEARCH_CHARACTERS_MAX} characters`,
    counted.filter((domain) => !fitting.includes(domain)),
  );
  let kept = fitting.length;
  while (fitting.slice(0, kept).join(" ").length > SEARCH_LIST_CHARACTERS_MAX) kept--;
  warnOfCut("search list", `${SEARCH_LIST_CHARACTERS_MAX} characters`, fitting.slice(kept));
  return { conf: { nameservers, searches: fitting.slice(0, kept), options: conf.options }, warnings };
}

function limitWarning(message: string): Problem {
  return {
    code: "resolv-conf-limit",
    severity: "warning",
    message,
    advice: "shorten the pod's dnsConfig or the node's resolv.conf; Kubernetes has the same limit",
  };
}

function noNameserver(): Problem {
  return {
    code: "resolv-conf-no-nameserver",
    severity: "warning",
    message: "no nameserver: resolvers then use their own machine",
    advice: "add one to the pod's dnsConfig, or to the node's resolv.conf for dnsPolicy Default",
  };
}
