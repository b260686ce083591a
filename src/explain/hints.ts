// What an explanation tells beside the cause: names that may be meant, pods that are not ready, ports that lack, what a
// final dot saves. A sentence each, without a full stop. Pure.
import type { Reason } from "../reasons/reason.ts";
import type { CandidateOutcome, ServiceChain } from "./explanation.ts";
import type { ExplainedCluster, ExplainView } from "./explain-view.ts";
import { namespacesWith, nearestOf } from "./nearest-names.ts";

const NAMES_MAX = 5;

export function findHints(
  candidates: readonly CandidateOutcome[],
  decisive: CandidateOutcome,
  view: ExplainView,
): readonly string[] {
  const { reason, service } = decisive;
  return [
    ...(reason === undefined ? [] : view.clusters.flatMap((cluster) => nameHints(reason, cluster))),
    ...(reason === undefined || service === undefined ? [] : serviceHints(reason, service)),
    ...sizeHints(decisive),
    ...searchHints(candidates, decisive),
  ];
}

/** Names that may be meant, beside the one that the reason names. */
function nameHints(reason: Reason, cluster: ExplainedCluster): readonly string[] {
  const { registry, domain } = cluster;
  if (reason.code === "no-service") {
    const { service, namespace } = reason;
    const others = namespacesWith(service, cluster);
    const own = [...registry.services()].filter((each) => each.namespace === namespace).map(({ name }) => name);
    const near = nearestOf(service, own.toSorted());
    return [
      ...(others.length > 0
        ? [`a service ${service} is in namespace ${list(others)}: ${service}.${others[0]}.svc.${domain}`]
        : []),
      ...(near === undefined
        ? []
        : [`namespace ${namespace} has a service ${near}: ${near}.${namespace}.svc.${domain}`]),
      ...(registry.hasNamespace(service)
        ? [`there is a namespace ${service}: the service comes first, as in SERVICE.${service}`]
        : []),
    ];
  }
  if (reason.code === "no-namespace") {
    const isSwapped = reason.nearest?.startsWith("service ") === true;
    return isSwapped ? ["service and namespace are swapped: the service comes first"] : [];
  }
  if (reason.code === "no-cluster-name" && reason.nearest !== undefined) return ["the label svc is missing"];
  if (reason.code === "other-domain") return [`the cluster domain is ${domain}`];
  return [];
}

function serviceHints(reason: Reason, service: ServiceChain): readonly string[] {
  if (reason.code === "no-ready-endpoint" || reason.code === "endpoint-not-ready") return readinessHints(service);
  if (reason.code === "port-not-named")
    return service.ports.flatMap(({ noSrv, port, protocol }) =>
      noSrv === undefined ? [] : [`port ${port}/${protocol} has no SRV records: ${noSrv}`],
    );
  if (reason.code === "no-endpoint-name") {
    const labels = service.slices.flatMap(({ endpoints }) => endpoints.map(({ label }) => label));
    const isPod = service.pods.some(({ name }) => name === reason.label);
    return [
      ...(isPod ? [`pod ${reason.label} has a name of its own only with hostname and subdomain: ${service.name}`] : []),
      labels.length === 0 ? "the service has no endpoints" : `its endpoints are ${list([...new Set(labels)])}`,
    ];
  }
  if (reason.code === "no-cluster-ip") return ["no source gives the service an address, and none is allocated here"];
  return [];
}

function readinessHints({ selector, podCount, pods, namespace, slices }: ServiceChain): readonly string[] {
  if (selector === undefined)
    return slices.length === 0
      ? ["the service has no selector: an EndpointSlice or Endpoints object must give its endpoints"]
      : [];
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  if (podCount === 0) return [`no pod of namespace ${namespace} has ${labels.join(", ")}`];
  const waiting = pods.filter(({ isReady }) => !isReady);
  return waiting.slice(0, NAMES_MAX).map(({ name, why }) => `pod ${name} is not ready: ${why}`);
}

function sizeHints({ replies }: CandidateOutcome): readonly string[] {
  return replies.flatMap(({ type, size }) => {
    if (size === undefined || !size.isCutWithoutEdns) return [];
    const who = size.isCutWithEdns ? "all clients" : "clients without EDNS";
    return [`the ${type} reply has ${size.bytes} bytes: ${who} get it over TCP, not over UDP`];
  });
}

function searchHints(candidates: readonly CandidateOutcome[], decisive: CandidateOutcome): readonly string[] {
  const before = candidates.indexOf(decisive);
  if (decisive.outcome !== "records" || before === 0) return [];
  const names = before === 1 ? "1 name is" : `${before} names are`;
  return [`${names} asked before it: ${decisive.name} with the final dot is asked at once`];
}

function list(names: readonly string[]): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return `${names.slice(0, NAMES_MAX).join(", ")}${more}`;
}
