// Rules for short names that the search path of a pod turns into another name: with `ndots:5`, a pod of namespace N
// looks up `a.b` as a.b.N.svc, a.b.svc and so on, and uses the first that exists. Pure.
// Kubernetes: "DNS for Services and Pods", namespaces of services.
import type { KubeObject, Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

const SVC = "svc";

/** A namespace named `svc`: pods look up the short name `a.b.svc` of any service in this namespace first. */
export function findNamespaceNamedSvc(view: DiagnosticView): readonly Finding[] {
  let object: KubeObject | undefined;
  for (const other of view.registry.objects()) {
    if (other.kind === "Namespace" && other.name === SVC) object = other;
    else if (other.namespace === SVC && other.place !== undefined) object ??= other;
  }
  if (object === undefined) return [];
  const path = ["metadata", object.kind === "Namespace" ? "name" : "namespace"];
  return [
    finding("namespace-named-svc", object, path, {
      message:
        "the namespace is named svc: pods look up SERVICE.NAMESPACE.svc among the endpoints of its services first",
      advice: "rename the namespace",
    }),
  ];
}

/** Services whose endpoints hide a service of the same short name, or could hide one. */
export function findShadowedNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const shadowed = shadowedBy(view, service);
    if (shadowed !== undefined) return [shadowing(service, shadowed)];
    return service.name === service.namespace ? [namedLikeNamespace(service)] : [];
  });
}

/** The service whose short name resolves to an endpoint of `service`. */
function shadowedBy(view: DiagnosticView, service: Service): Service | undefined {
  for (const { endpoints } of view.registry.slicesOf(service.namespace, service.name)) {
    for (const { hostname } of endpoints) {
      const other = hostname === undefined ? undefined : view.registry.service(service.name, hostname);
      if (other !== undefined) return other;
    }
  }
  return undefined;
}

function shadowing(service: Service, shadowed: Service): Finding {
  const short = `${shadowed.name}.${shadowed.namespace}`;
  const clients =
    service.namespace === SVC ? `pods that look up ${short}.svc` : `pods of ${service.namespace} that look up ${short}`;
  return finding("search-path-shadowed", service, ["metadata", "name"], {
    message: `${clients} get an endpoint of this service instead of ${objectKey(shadowed)}`,
    advice: "rename one of the two, or look up the full name with a trailing dot",
  });
}

function namedLikeNamespace(service: Service): Finding {
  const { name } = service;
  return finding("service-named-like-namespace", service, ["metadata", "name"], {
    message: `pods of ${name} look up x.${name} among the endpoints of this service first, before the service x`,
    advice: `give the services of ${name} other names than the hostnames of its pods`,
  });
}
