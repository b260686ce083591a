// Rules for Endpoints objects: the cluster overwrites them, or EndpointSlices replace them. Pure.
// Kubernetes: "Service", services without selectors; Endpoints is deprecated since 1.33.
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

/** A warning for the Endpoints of a service with a selector, a hint for all others. */
export function findOldEndpoints(view: DiagnosticView): readonly Finding[] {
  // Those of a cluster are not the operator's to change.
  const given = view.endpoints.filter(({ observed }) => observed !== true);
  return given.map((endpoints) => {
    const service = view.registry.service(endpoints.namespace, endpoints.name);
    if (service?.selector !== undefined && service.type !== "ExternalName") {
      return finding("endpoints-ignored", endpoints, [], {
        message: `${objectKey(service)} has a selector, so the cluster writes its Endpoints and ignores these`,
        advice: "remove the Endpoints, or the selector of the service",
      });
    }
    return finding("endpoints-deprecated", endpoints, [], {
      message: "Endpoints are deprecated since Kubernetes 1.33",
      advice: "use an EndpointSlice with the label kubernetes.io/service-name",
    });
  });
}
