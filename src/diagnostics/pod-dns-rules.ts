// Rule for the dnsConfig of pods: kubelets cut a resolv.conf to the limits of Kubernetes. Pure.
// Kubernetes: "DNS for Services and Pods", DNS search domain list limits.
import { podResolvConf } from "../resolv-conf/pod-resolv-conf.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

// A node and a cluster each have at least one nameserver; the address does not matter here.
const NAMESERVER = "any";

/** Pods whose resolv.conf would be cut, even on a node whose own file adds nothing. */
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
        advice: "shorten dnsConfig; Kubernetes has the same limit",
      }),
    );
  });
}
