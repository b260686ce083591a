// The IP families of a service: the API server's default for `ipFamilies`.
// Kubernetes: "IPv4/IPv6 dual-stack".
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily, Service } from "../../objects/kube-object.ts";

/** The written families, else those of the cluster IPs, else the cluster's first. A dual-stack policy adds the rest. */
export function serviceFamilies(service: Service, clusterFamilies: readonly IpFamily[]): readonly IpFamily[] {
  const isDual = service.ipFamilyPolicy === "RequireDualStack" || service.ipFamilyPolicy === "PreferDualStack";
  const own = service.ipFamilies.length > 0 ? service.ipFamilies : service.clusterIPs.map(familyOf);
  return [...new Set([...own, ...(isDual ? clusterFamilies : own.length > 0 ? [] : clusterFamilies.slice(0, 1))])];
}
