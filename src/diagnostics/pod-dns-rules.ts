// The dnsConfig of pods against the limits that a kubelet cuts a resolv.conf to. Pure.
// Kubernetes: "DNS for Services and Pods", DNS search domain list limits.
import { podResolvConf } from "../resolv-conf/pod-resolv-conf.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

// The least that a node and a cluster have: one name server, whatever its address.
const NAMESERVER = "the cluster's";

/** What a pod's resolv.conf would lose, on a node whose own file adds nothing. */
export function findCutResolvConfs(view: DiagnosticView): readonly Finding[] {
  return view.podSources.flatMap(({ object, spec, path }) => {
    if (spec.dnsConfig === undefined) return [];
    const { warnings } = podResolvConf({
      pod: { ...spec, namespace: object.namespace },
      clusterDomain: view.settings.clusterDomain,
      clusterNameservers: [NAMESERVER],
      node: { nameservers: [NAMESERVER], searches: [], options: [] },
    });
    return warnings.map(({ message }) =>
      finding("resolv-conf-limit", object, [...path, "dnsConfig"], {
        message: `resolv.conf: ${message}`,
        advice: "shorten dnsConfig; Kubernetes gives a pod no more than this",
      }),
    );
  });
}
