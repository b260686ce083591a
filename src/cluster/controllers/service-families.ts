// Which IP families a service has, as the API server defaults `ipFamilies`.
// Kubernetes: "IPv4/IPv6 dual-stack".
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily, Service } from "../../objects/kube-object.ts";

/** As written; else those of the cluster IPs; else the cluster's first, or both where the policy asks for both. */
export function serviceFamilies(service: Service, clusterFamilies: readonly IpFamily[]): readonly IpFamily[] {
  if (service.ipFamilies.length > 0) return service.ipFamilies;
  if (service.clusterIPs.length > 0) return [...new Set(service.clusterIPs.map(familyOf))];
  const isDual = service.ipFamilyPolicy === "RequireDualStack" || service.ipFamilyPolicy === "PreferDualStack";
  return isDual ? clusterFamilies : clusterFamilies.slice(0, 1);
}
