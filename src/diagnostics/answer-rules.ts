// Rules for the answer that a service gives: a headless service without a ready endpoint has no name at all, and a name
// that is too long is left out. Uses the endpoints that are compiled into answers. Pure.
// Kubernetes: "DNS for Services and Pods", A/AAAA records; RFC 1035 section 2.3.4.
import { readyEndpoints } from "../compile/ready-endpoints.ts";
import type { Pod, Service } from "../objects/kube-object.ts";
import { familyOf, objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import { nearestName } from "./near-names.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** Octets of a name in the wire form. */
const NAME_SIZE_MAX = 255;
const LABEL_SIZE_MAX = 63;

/** Headless services without a ready endpoint, except those whose selector matches nothing: they have a rule. */
export function findServicesWithoutEndpoints(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!service.headless || readyEndpoints(view.registry.slicesOf(service.namespace, service.name), false).length > 0)
      return [];
    const { selector } = service;
    if (hasUnknownEndpoints(view, service)) return [];
    if (selector === undefined) return [withoutSelector(view, service)];
    const sources = view.selected(service.namespace, selector);
    // Pods that do not run have a rule too.
    if (sources.every(({ object }) => object.inactive !== undefined)) return [];
    const pods = view.registry.podsSelectedBy(service.namespace, selector);
    const makers = new Map(sources.map(({ object }) => [objectKey(object), object]));
    const what = [...makers.keys()].slice(0, 3).join(", ");
    // Somebody who writes `replicas: 0` wants no pods.
    const text =
      pods.length === 0
        ? {
            severity: "hint" as const,
            message: `has no endpoints, so its name does not exist: ${what} has no pods`,
            advice: adviceWithoutPods(view, service, [...makers.values()]),
          }
        : textWithPods(service, pods, what);
    return [finding("service-no-endpoints", service, ["spec", "selector"], text)];
  });
}

/** Whether endpoints of the service have faults for which they are not used, or were in no cluster yet. */
export function hasUnknownEndpoints(view: DiagnosticView, { namespace, selector }: Service): boolean {
  if (selector === undefined) return view.hasUnusedEndpoints(namespace);
  // A pod without a status has not been in a cluster yet.
  return view.registry.podsSelectedBy(namespace, selector).some(({ phase, ips }) => phase === "" && ips.length === 0);
}

/** `what`: the objects that the pods are from. */
function textWithPods(
  { ipFamilies }: Service,
  pods: readonly Pod[],
  what: string,
): Pick<Finding, "message" | "advice"> {
  const families = ipFamilies.join(" or ");
  const isOtherFamily = pods.some(({ ready, ips }) => ready && !ips.some((ip) => ipFamilies.includes(familyOf(ip))));
  return isOtherFamily && ipFamilies.length > 0
    ? {
        message: `has no endpoint, so its name does not exist: no pod has an ${families} address (${what})`,
        advice: "change `ipFamilies`, or give the pods addresses of this family",
      }
    : {
        message: `has no ready endpoint, so its name does not exist: none of the pods is ready (${what})`,
        advice: "set `publishNotReadyAddresses: true` if the name must exist before the pods are ready",
      };
}

/** What to change so that there are pods. What a cluster tells of itself outweighs the numbers in a spec. */
function adviceWithoutPods(view: DiagnosticView, service: Service, makers: readonly PodSource["object"][]): string {
  const workloads = makers.filter((each) => each.kind === "Workload");
  const slices = [...view.registry.slicesOf(service.namespace, service.name)];
  const isObserved =
    slices.some(({ observed }) => observed === true) ||
    workloads.some(({ readyReplicas }) => readyReplicas !== undefined);
  if (isObserved)
    return "take the state of the cluster again when it has pods, or remove its status and EndpointSlices";
  const isOfJobs = workloads.some(({ workloadKind }) => workloadKind === "Job");
  return isOfJobs ? "set `parallelism` to 1 or more" : "set `replicas` to 1 or more";
}

function withoutSelector(view: DiagnosticView, service: Service): Finding {
  const orphans = view.orphanEndpoints(service.namespace).map(({ target }) => target);
  const near = nearestName(service.name, orphans);
  const slices = [...view.registry.slicesOf(service.namespace, service.name)];
  const why = slices.length === 0 ? "no selector, and no EndpointSlice names it" : "no endpoint in its slices is ready";
  return finding("service-no-endpoints", service, ["spec"], {
    message: `has no endpoints, so its name does not exist: ${why}`,
    advice:
      near === undefined
        ? "add a selector, or an EndpointSlice with the label kubernetes.io/service-name"
        : `correct the name ${near} in the Endpoints or EndpointSlice to ${service.name}`,
  });
}

/** Services and endpoints whose names in the cluster domain exceed the limit of DNS. */
export function findTooLongNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const name = `${service.name}.${service.namespace}.svc.${view.settings.clusterDomain}`;
    // The wire form has one octet more in front of the first label, and one for the root.
    const size = name.length + 2;
    if (size + LABEL_SIZE_MAX + 1 <= NAME_SIZE_MAX) return [];
    const endpoints = readyEndpoints(view.registry.slicesOf(service.namespace, service.name), false);
    const longest = endpoints.reduce((most, { label }) => Math.max(most, label.length + 1), 0);
    if (size + longest <= NAME_SIZE_MAX) return [];
    const what = size > NAME_SIZE_MAX ? "the name of the service" : "the name of an endpoint";
    return [
      finding("name-too-long", service, ["metadata", "name"], {
        message: `${what} has more than ${NAME_SIZE_MAX} octets in ${view.settings.clusterDomain}, so it is not served`,
        advice: "shorten the names, or the cluster domain",
      }),
    ];
  });
}
