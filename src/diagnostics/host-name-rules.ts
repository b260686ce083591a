// Rules for pods whose hostname or subdomain gives them no DNS name. Pure.
// Kubernetes: "DNS for Services and Pods", pod's hostname and subdomain fields.
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** Pods with a `subdomain` that is not a service that selects them, or with a `hostname` but no subdomain. */
export function findUnusedHostNames(view: DiagnosticView): readonly Finding[] {
  return view.podSources.flatMap((source) => {
    // A StatefulSet sets both for its pods; the template does not matter.
    if (source.object.kind === "Workload" && source.object.workloadKind === "StatefulSet") return [];
    const { hostname, subdomain } = source.spec;
    if (subdomain !== undefined) return unusedSubdomain(view, source, subdomain);
    return hostname === undefined ? [] : unusedHostname(view, source, hostname);
  });
}

function unusedSubdomain(view: DiagnosticView, source: PodSource, subdomain: string): readonly Finding[] {
  const { object, spec, path } = source;
  const services = view.servicesOf(source);
  const named = view.registry.service(object.namespace, subdomain);
  if (services.some(({ name }) => name === subdomain)) return [];
  // The endpoints of a service without a selector are written by hand, with their hostnames.
  if (named !== undefined && named.type !== "ExternalName" && !view.hasOnlySelectedEndpoints(named)) return [];
  const what =
    named === undefined
      ? `namespace ${object.namespace} has no service ${subdomain}`
      : `${objectKey(named)} does not select the pod`;
  const name = spec.hostname === undefined ? "" : `, so ${spec.hostname}.${subdomain} is not a DNS name`;
  const headless = services.find((service) => service.headless);
  return [
    finding("subdomain-without-service", object, [...path, "subdomain"], {
      message: `subdomain ${subdomain}: ${what}${name}`,
      advice:
        headless === undefined
          ? `add a headless service ${subdomain} that selects the pod`
          : `use ${headless.name}, the headless service that selects the pod`,
    }),
  ];
}

function unusedHostname(view: DiagnosticView, source: PodSource, hostname: string): readonly Finding[] {
  const headless = view.servicesOf(source).find((service) => service.headless);
  if (headless === undefined) return [];
  return [
    finding("hostname-without-subdomain", source.object, [...source.path, "hostname"], {
      message: `the pod has no subdomain, so ${hostname}.${headless.name} is not a DNS name`,
      advice: `add \`subdomain: ${headless.name}\``,
    }),
  ];
}
