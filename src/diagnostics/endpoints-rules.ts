// Endpoints objects: those that nobody reads, and that there is a newer API. Pure.
// Kubernetes: "Service", services without selectors; Endpoints is deprecated since 1.33.
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

/** Endpoints beside a selector, and for all others that EndpointSlices have replaced them. */
export function findOldEndpoints(view: DiagnosticView): readonly Finding[] {
  return view.endpoints.map((endpoints) => {
    const service = view.registry.service(endpoints.namespace, endpoints.name);
    if (service?.selector !== undefined && service.type !== "ExternalName") {
      return finding("endpoints-ignored", endpoints, [], {
        message: `${objectKey(service)} has a selector: the cluster writes its Endpoints, and these are ignored`,
        advice: "remove the Endpoints, or the service's selector",
      });
    }
    return finding("endpoints-deprecated", endpoints, [], {
      message: "Endpoints are deprecated since Kubernetes 1.33",
      advice: "write an EndpointSlice with the label kubernetes.io/service-name",
    });
  });
}
