// Names that a pod's search path leads astray: with `ndots:5` a pod of N asks for `a.b` as a.b.N.svc, a.b.svc and so
// on, and takes the first that exists. Pure.
// Kubernetes: "DNS for Services and Pods", namespaces of services.
import type { KubeObject, Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

const SVC = "svc";

/** A namespace `svc`: the short name `a.b.svc` of other namespaces' services is looked up in it first. */
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
      message: "the namespace is named svc: pods look up service.namespace.svc among its services' endpoints first",
      advice: "give the namespace another name",
    }),
  ];
}

/** Services whose endpoints stand, or could stand, before a service of the same short name. */
export function findShadowedNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const shadowed = shadowedBy(view, service);
    if (shadowed !== undefined) return [shadowing(service, shadowed)];
    return service.name === service.namespace ? [namedLikeNamespace(service)] : [];
  });
}

/** The service whose short name leads to an endpoint of `service`. */
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
  const who =
    service.namespace === SVC ? `pods that ask for ${short}.svc` : `pods of ${service.namespace} that ask for ${short}`;
  return finding("search-path-shadowed", service, ["metadata", "name"], {
    message: `${who} reach an endpoint of this service and not ${objectKey(shadowed)}`,
    advice: "rename one of the two, or ask for the full name with a dot at its end",
  });
}

function namedLikeNamespace(service: Service): Finding {
  const { name } = service;
  return finding("service-named-like-namespace", service, ["metadata", "name"], {
    message: `pods of ${name} look up x.${name} among the endpoints of this service before they look for service x`,
    advice: `keep names of services in ${name} apart from host names of its pods`,
  });
}
