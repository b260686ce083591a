// Pods whose hostname or subdomain makes no name, although somebody wrote it for one. Pure.
// Kubernetes: "DNS for Services and Pods", pod's hostname and subdomain fields.
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** A `subdomain` that is not the name of a service that selects the pod, and a `hostname` without a subdomain. */
export function findIdleHostNames(view: DiagnosticView): readonly Finding[] {
  return view.podSources.flatMap((source) => {
    // A StatefulSet gives its pods both, whatever the template says.
    if (source.object.kind === "Workload" && source.object.workloadKind === "StatefulSet") return [];
    const { hostname, subdomain } = source.spec;
    if (subdomain !== undefined) return idleSubdomain(view, source, subdomain);
    return hostname === undefined ? [] : idleHostname(view, source, hostname);
  });
}

function idleSubdomain(view: DiagnosticView, source: PodSource, subdomain: string): readonly Finding[] {
  const { object, spec, path } = source;
  const services = view.servicesOf(source);
  const named = view.registry.service(object.namespace, subdomain);
  if (services.some(({ name }) => name === subdomain)) return [];
  // Endpoints of a service without a selector are written by hand, host names too.
  if (named !== undefined && named.type !== "ExternalName" && !view.isLedBySelector(named)) return [];
  const what =
    named === undefined
      ? `namespace ${object.namespace} has no service ${subdomain}`
      : `${objectKey(named)} does not select the pod`;
  const name = spec.hostname === undefined ? "" : `, so that ${spec.hostname}.${subdomain} is no name`;
  const headless = services.find((service) => service.headless);
  return [
    finding("subdomain-without-service", object, [...path, "subdomain"], {
      message: `subdomain ${subdomain}: ${what}${name}`,
      advice:
        headless === undefined
          ? `add a headless service ${subdomain} that selects the pod`
          : `write ${headless.name}, the headless service that selects the pod`,
    }),
  ];
}

function idleHostname(view: DiagnosticView, source: PodSource, hostname: string): readonly Finding[] {
  const headless = view.servicesOf(source).find((service) => service.headless);
  if (headless === undefined) return [];
  return [
    finding("hostname-without-subdomain", source.object, [...source.path, "hostname"], {
      message: `the pod has no subdomain, so that ${hostname}.${headless.name} is no name`,
      advice: `add \`subdomain: ${headless.name}\``,
    }),
  ];
}
