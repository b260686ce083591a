// The IP families of a service: the API server's default for `ipFamilies`.
// Kubernetes: "IPv4/IPv6 dual-stack".
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily, Service } from "../../objects/kube-object.ts";

/** The written families; else those of the cluster IPs; else the cluster's first, or both for a dual-stack policy. */
export function serviceFamilies(service: Service, clusterFamilies: readonly IpFamily[]): readonly IpFamily[] {
  if (service.ipFamilies.length > 0) return service.ipFamilies;
  if (service.clusterIPs.length > 0) return [...new Set(service.clusterIPs.map(familyOf))];
  const isDual = service.ipFamilyPolicy === "RequireDualStack" || service.ipFamilyPolicy === "PreferDualStack";
  return isDual ? clusterFamilies : clusterFamilies.slice(0, 1);
}
