// What an explanation tells beside the cause: names that may be meant, pods that are not ready, ports that lack, what a
// final dot saves. A sentence each, without a full stop. Pure.
import { isAtOrBelow, lowerName, parseName } from "../dns/name.ts";
import type { Reason } from "../reasons/reason.ts";
import type { CandidateOutcome, ServiceChain } from "./explanation.ts";
import type { ExplainedCluster, ExplainView } from "./explain-view.ts";
import { serviceOf } from "./cluster-reason.ts";
import { plainName } from "./name-place.ts";
import { namespacesWith, nearestOf } from "./nearest-names.ts";
import { noPodHints, podAddressHints, podNameHints } from "./pod-hints.ts";
import { problemHints } from "./problem-hints.ts";
import { serviceChain } from "./service-chain.ts";

const NAMES_MAX = 5;

export function findHints(
  candidates: readonly CandidateOutcome[],
  decisive: CandidateOutcome,
  view: ExplainView,
): readonly string[] {
  const { reason, name, rewrittenTo } = decisive;
  const plain = (rewrittenTo ?? name).replace(/\.$/, "");
  const problems = reason === undefined ? [] : problemHints(reason, plain, view.problems);
  return [
    ...(reason === undefined ? [] : view.clusters.flatMap((cluster) => nameHints(reason, cluster))),
    ...(reason === undefined ? [] : zoneHints(reason, view)),
    ...(reason === undefined ? [] : serviceHints(reason, decisive, view, problems.length > 0)),
    ...problems,
    ...sizeHints(decisive),
    ...searchHints(candidates, decisive),
  ];
}

/** Where a final dot keeps the search list out: the first of the names to ask for without it that a service has. */
export function finalDotHints(names: readonly string[], { clusters }: ExplainView): readonly string[] {
  const found = names.find((name) => {
    const wire = lowerName(parseName(name)!);
    return clusters.some(({ registry, domain }) => {
      const named = isAtOrBelow(wire, parseName(domain)!) ? serviceOf(wire, domain) : undefined;
      return named !== undefined && registry.service(named.namespace, named.service) !== undefined;
    });
  });
  return found === undefined
    ? []
    : [`the final dot keeps the search list out: without it ${found.replace(/\.$/, "")} is asked for`];
}

/** Names that may be meant, beside the one that the reason names. */
function nameHints(reason: Reason, cluster: ExplainedCluster): readonly string[] {
  const { domain } = cluster;
  switch (reason.code) {
    case "no-service":
      return serviceNameHints(reason, cluster);
    case "no-namespace": {
      if (reason.nearest?.startsWith("service ") === true)
        return ["service and namespace are swapped: the service comes first"];
      const others = namespacesWith(reason.namespace, cluster);
      return others.length === 0 ? [] : [elsewhere(reason.namespace, others, domain)];
    }
    case "no-cluster-name": {
      const [, address, namespace] = DOTTED_POD.exec(reason.name) ?? [];
      if (address !== undefined)
        return [`an address in a name has hyphens: ${address.replaceAll(".", "-")}.${namespace}.pod.${reason.domain}`];
      return reason.nearest === undefined ? [] : ["the label svc is missing"];
    }
    case "no-pointer":
      return podAddressHints(reason.address, cluster);
    case "other-domain":
      return [`the cluster domain is ${domain}`];
    default:
      return [];
  }
}

const DOTTED_POD = /^(\d+\.\d+\.\d+\.\d+)\.([^.]+)\.pod\./;

function serviceNameHints(
  { service, namespace }: Extract<Reason, { code: "no-service" }>,
  cluster: ExplainedCluster,
): readonly string[] {
  const { registry, domain } = cluster;
  const others = namespacesWith(service, cluster);
  const own = [...registry.services()].filter((each) => each.namespace === namespace).map(({ name }) => name);
  const near = nearestOf(service, own.toSorted());
  return [
    ...podNameHints(service, namespace, cluster),
    ...(others.length > 0 ? [elsewhere(service, others, domain)] : []),
    ...(near === undefined ? [] : [`namespace ${namespace} has a service ${near}: ${near}.${namespace}.svc.${domain}`]),
    ...(registry.hasNamespace(service)
      ? [`there is a namespace ${service}: the service comes first, as in SERVICE.${service}`]
      : []),
  ];
}

function elsewhere(service: string, namespaces: readonly string[], domain: string): string {
  return `a service ${service} is in namespace ${list(namespaces)}: ${service}.${namespaces[0]}.svc.${domain}`;
}

/** Of a name in a zone file that ends in the origin twice, since its final dot is missing. */
function zoneHints(reason: Reason, { files }: ExplainView): readonly string[] {
  if (reason.code !== "not-in-zone") return [];
  const doubled = `${reason.name}.${reason.zone}`.toLowerCase();
  for (const [, { content }] of files) {
    const record = content.kind === "zone" && content.zone.records.find(({ owner }) => plainName(owner) === doubled);
    if (record) return [`the zone has ${doubled} (${record.file}:${record.line}): a final dot is missing there`];
  }
  return [];
}

/** Of the service that the reason is about: the name's own, or the one that it is an alias of. */
function serviceHints(
  reason: Reason,
  { service: own }: CandidateOutcome,
  { clusters }: ExplainView,
  hasProblems: boolean,
): readonly string[] {
  if (!("service" in reason)) return [];
  const cluster =
    clusters.find(({ domain }) => domain === own?.domain) ??
    clusters.find(({ registry }) => registry.service(reason.namespace, reason.service) !== undefined);
  const object = cluster?.registry.service(reason.namespace, reason.service);
  if (cluster === undefined || object === undefined) return [];
  const service = serviceChain(object, cluster);
  switch (reason.code) {
    case "no-ready-endpoint":
    case "endpoint-not-ready":
      return service.podCount === 0 && service.selector !== undefined
        ? noPodHints(object, cluster)
        : readinessHints(service, hasProblems);
    case "port-not-named":
    case "no-endpoint-port":
      return service.ports.flatMap(({ noSrv, port, protocol }) =>
        noSrv === undefined ? [] : [`port ${port}/${protocol} has no SRV records: ${noSrv}`],
      );
    case "no-endpoint-name":
      return endpointHints(reason.label, service);
    case "no-cluster-ip":
      return hasProblems ? [] : ["no source gives the service an address, and none is allocated here"];
    default:
      return [];
  }
}

function endpointHints(label: string, { name: service, pods, slices }: ServiceChain): readonly string[] {
  const labels = slices.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.label));
  const isPod = pods.some(({ name }) => name === label);
  return [
    ...(isPod ? [`pod ${label} has a name of its own only with hostname and subdomain: ${service}`] : []),
    labels.length === 0 ? "the service has no endpoints" : `its endpoints are ${list([...new Set(labels)])}`,
  ];
}

function readinessHints({ selector, pods, slices }: ServiceChain, hasProblems: boolean): readonly string[] {
  if (selector === undefined)
    return slices.length === 0 && !hasProblems
      ? ["the service has no selector: an EndpointSlice or Endpoints object must give its endpoints"]
      : [];
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
