// Rules for Endpoints and EndpointSlices: of no service, overwritten by the cluster, or deprecated. Pure.
// Kubernetes: "Service", services without selectors; Endpoints is deprecated since 1.33.
import { objectKey } from "../objects/kube-object.ts";
import type { Endpoints } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import { nearestName } from "./near-names.ts";
import type { DiagnosticView, OrphanEndpoints } from "./view.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

/** A warning for the Endpoints of a service with a selector, a hint for all others of a service. */
export function findOldEndpoints(view: DiagnosticView): readonly Finding[] {
  // Those of a cluster are not the operator's to change.
  const given = view.endpoints.filter(({ observed }) => observed !== true);
  return given.flatMap((endpoints: Endpoints) => {
    const service = view.registry.service(endpoints.namespace, endpoints.name);
    if (service === undefined) return [];
    if (service.selector !== undefined && service.type !== "ExternalName") {
      const found = finding("endpoints-ignored", endpoints, [], {
        message: `${objectKey(service)} has a selector, so the cluster writes its Endpoints and ignores these`,
        advice: "remove the Endpoints, or the selector of the service",
      });
      return [found];
    }
    return finding("endpoints-deprecated", endpoints, [], {
      message: "Endpoints are deprecated since Kubernetes 1.33",
      advice: "use an EndpointSlice with the label kubernetes.io/service-name",
    });
  });
}

/** Endpoints and EndpointSlices of a service that does not exist. */
export function findEndpointsWithoutService(view: DiagnosticView): readonly Finding[] {
  return view.namespaces.flatMap((namespace) =>
    view.orphanEndpoints(namespace).map((orphan) => withoutService(view, orphan)),
  );
}

function withoutService(view: DiagnosticView, { object, target }: OrphanEndpoints): Finding {
  const { namespace } = object;
  const path = object.kind === "Endpoints" ? ["metadata", "name"] : ["metadata", "labels", SERVICE_NAME];
  const near = nearestName(
    target,
    view.servicesIn(namespace).map(({ name }) => name),
  );
  return finding("endpoints-no-service", object, path, {
    message: `namespace ${namespace} has no service ${target}, so these endpoints are not served`,
    advice: near === undefined ? `add a service ${target} without a selector` : `use ${near}, the nearest service`,
  });
}
