// Why a question gets no records, as a value and as a sentence. Extended errors in replies, `explain`, `expect` and
// `check` all take their sentences from here, so that they agree word for word. Pure.
// RFC 8914 4 (codes of extended errors).
import { EDE } from "../dns/constants.ts";
import type { Protocol } from "../objects/kube-object.ts";

/** Why a question gets no records. Names are as in Kubernetes; owner names of DNS are without the final dot. */
export type Reason = ClusterReason | OtherReason;

type ClusterReason =
  // Names of a cluster that do not exist.
  | { readonly code: "no-service"; readonly service: string; readonly namespace: string; readonly nearest?: string }
  | { readonly code: "no-namespace"; readonly namespace: string; readonly nearest?: string }
  | {
      readonly code: "no-ready-endpoint";
      readonly service: string;
      readonly namespace: string;
      readonly notReady: number;
    }
  | { readonly code: "no-endpoint-name"; readonly label: string; readonly service: string; readonly namespace: string }
  | {
      readonly code: "endpoint-not-ready";
      readonly label: string;
      readonly service: string;
      readonly namespace: string;
    }
  | {
      readonly code: "port-not-named";
      readonly port: string;
      /** Empty: the name has none. */
      readonly protocol: string;
      readonly service: string;
      readonly namespace: string;
      /** The named ports that the service has. */
      readonly ports: readonly { readonly name: string; readonly protocol: Protocol }[];
    }
  /** The port has a name, and no ready endpoint has the port. */
  | {
      readonly code: "no-endpoint-port";
      readonly port: string;
      readonly protocol: string;
      readonly service: string;
      readonly namespace: string;
    }
  | { readonly code: "no-pod-address"; readonly label: string; readonly namespace: string }
  | { readonly code: "not-an-address"; readonly label: string; readonly namespace: string }
  | { readonly code: "pod-names-off" }
  | { readonly code: "no-external-name"; readonly service: string; readonly namespace: string; readonly target: string }
  | {
      readonly code: "no-cluster-name";
      readonly name: string;
      readonly domain: string;
      /** A whole name that exists. */
      readonly nearest?: string;
    }
  | { readonly code: "no-pointer"; readonly address: string }
  // Names that exist without records of the type.
  | { readonly code: "no-cluster-ip"; readonly service: string; readonly namespace: string }
  | {
      readonly code: "no-address-of-family";
      readonly service: string;
      readonly namespace: string;
      readonly family: 4 | 6;
    }
  | {
      readonly code: "no-records-of-type";
      readonly name: string;
      readonly type: string;
      /** Empty: unknown. */
      readonly types: readonly string[];
    }
  | { readonly code: "no-records"; readonly name: string };

type OtherReason =
  // Names of other local zones.
  | { readonly code: "not-in-zone"; readonly name: string; readonly zone: string }
  | { readonly code: "delegated"; readonly name: string; readonly zone: string }
  | { readonly code: "special-not-forwarded"; readonly domain: string }
  | { readonly code: "cname-loop"; readonly name: string }
  // What decides before any zone does.
  /** `zone`: undefined while the names of zones are not known either. */
  | { readonly code: "not-loaded"; readonly zone?: string }
  | { readonly code: "client-not-allowed" }
  | { readonly code: "recursion-not-allowed" }
  | { readonly code: "not-served"; readonly name: string }
  /** A name as a cluster has it, in another domain; `.`: in none. `nearest`: the same in a domain that is served. */
  | { readonly code: "other-domain"; readonly domain: string; readonly nearest: string }
  | { readonly code: "rewritten-to-no-name"; readonly name: string }
  | { readonly code: "not-supported"; readonly type: string }
  | { readonly code: "overridden"; readonly name: string }
  | { readonly code: "recursion-not-desired"; readonly name: string }
  // Upstreams.
  | { readonly code: "upstream-failed"; readonly upstream: string; readonly cause: string }
  | { readonly code: "upstream-denied"; readonly name: string }
  /** `failures`: of the upstreams that there are, `upstream 10.0.0.53 timed out`. */
  | { readonly code: "no-upstream"; readonly failures?: readonly string[] }
  | { readonly code: "no-time-left" }
  | { readonly code: "overloaded" }
  | { readonly code: "stale" };

export type ReasonCode = Reason["code"];

/** The reason as a sentence without a full stop, in lower case: `no service nope in namespace prod; nearest: node`. */
export function formatReason(reason: Reason): string {
  switch (reason.code) {
    case "no-service":
      return `no service ${reason.service} in namespace ${reason.namespace}${nearestPart(reason.nearest)}`;
    case "no-namespace":
      return `no such namespace: ${reason.namespace}${nearestPart(reason.nearest)}`;
    case "no-ready-endpoint":
      return `no ready endpoint, ${reason.notReady} not ready: service ${placeOf(reason)}`;
    case "no-endpoint-name":
      return `no endpoint ${reason.label} of service ${placeOf(reason)}`;
    case "endpoint-not-ready":
      return `endpoint ${reason.label} of service ${placeOf(reason)} is not ready`;
    case "port-not-named":
      return `port not named: ${[reason.port, reason.protocol].filter(Boolean).join("/")} of ${namedPorts(reason)}`;
    case "no-endpoint-port":
      return `no ready endpoint has the port ${reason.port}/${reason.protocol} of service ${placeOf(reason)}`;
    case "no-pod-address":
      return `no pod with the address ${reason.label} in namespace ${reason.namespace}`;
    case "not-an-address":
      return `${reason.label} is not an address: names of pods are addresses with hyphens`;
    case "pod-names-off":
      return "names of pods are off (--pods disabled)";
    case "no-external-name":
      return `the externalName of service ${placeOf(reason)} is not a DNS name: ${reason.target}`;
    case "no-cluster-name":
      return (
        `no name ${reason.name} in the cluster ${reason.domain}: ` +
        `services are SERVICE.NAMESPACE.svc.${reason.domain}${nearestPart(reason.nearest)}`
      );
    case "no-pointer":
      return `no service or ready endpoint has the address ${reason.address}`;
    case "no-cluster-ip":
      return `service ${placeOf(reason)} has no cluster IP`;
    case "no-address-of-family":
      return `service ${placeOf(reason)} has no IPv${reason.family} address`;
    case "no-records-of-type":
      return `${reason.name} has no ${reason.type} records${typesPart(reason.types)}`;
    case "no-records":
      return `${reason.name} has no records, only names below it have`;
    default:
      return formatOther(reason);
  }
}

/** Of names outside clusters, and of what decides before any zone does. */
function formatOther(reason: OtherReason): string {
  switch (reason.code) {
    case "not-in-zone":
      return `no name ${reason.name} in the zone ${reason.zone}`;
    case "delegated":
      return `${reason.name} is delegated to other name servers by the zone ${reason.zone}`;
    case "special-not-forwarded":
      return `names under .${reason.domain} are not forwarded`;
    case "cname-loop":
      return `the aliases from ${reason.name} do not end`;
    case "not-loaded":
      return reason.zone === undefined ? "the zones are not loaded yet" : `the zone ${reason.zone} is not loaded yet`;
    case "client-not-allowed":
      return "this client may not ask (--allow)";
    case "recursion-not-allowed":
      return "this client may only ask for local names (--allow-recursion)";
    case "not-served":
      return `${reason.name} is in no local zone, and there is no upstream`;
    case "other-domain":
      return reason.domain === "."
        ? `the cluster domain is missing; nearest: ${reason.nearest}`
        : `no cluster here has the domain ${reason.domain}; nearest: ${reason.nearest}`;
    case "rewritten-to-no-name":
      return `a rewrite rule turns ${reason.name} into something that is not a name`;
    case "not-supported":
      return `questions of the type ${reason.type} are not answered`;
    case "overridden":
      return `the program overrides the answer for ${reason.name}`;
    case "recursion-not-desired":
      return `${reason.name} is in no local zone, and the query does not ask for recursion`;
    default:
      return formatForwardReason(reason);
  }
}

type ForwardReason = Extract<
  Reason,
  { code: "upstream-failed" | "upstream-denied" | "no-upstream" | "no-time-left" | "overloaded" | "stale" }
>;

function formatForwardReason(reason: ForwardReason): string {
  switch (reason.code) {
    case "upstream-failed":
      return `upstream ${reason.upstream} ${reason.cause}`;
    case "upstream-denied":
      return `the upstream says that ${reason.name} does not exist`;
    case "no-upstream":
      return `no upstream is up${reason.failures?.length ? `: ${reason.failures.join(", ")}` : ""}`;
    case "no-time-left":
      return "upstreams took too long";
    case "overloaded":
      return "too many questions wait for upstreams";
    case "stale":
      return "an expired answer: no upstream gave a newer one in time";
  }
}

/** The code of the extended error (RFC 8914 4) that carries the sentence. */
export function extendedErrorOf(code: ReasonCode): number {
  return EXTENDED_ERRORS[code] ?? EDE.OTHER;
}

const EXTENDED_ERRORS: Partial<Record<ReasonCode, number>> = {
  "not-loaded": EDE.NOT_READY,
  "client-not-allowed": EDE.PROHIBITED,
  "recursion-not-allowed": EDE.PROHIBITED,
  "not-served": EDE.NOT_AUTHORITATIVE,
  "recursion-not-desired": EDE.NOT_AUTHORITATIVE,
  "upstream-failed": EDE.NO_REACHABLE_AUTHORITY,
  "no-upstream": EDE.NO_REACHABLE_AUTHORITY,
  "no-time-left": EDE.NO_REACHABLE_AUTHORITY,
  stale: EDE.STALE,
};

function placeOf({ service, namespace }: { readonly service: string; readonly namespace: string }): string {
  return `${service} in namespace ${namespace}`;
}

function nearestPart(nearest: string | undefined): string {
  return nearest === undefined ? "" : `; nearest: ${nearest}`;
}

function typesPart(types: readonly string[]): string {
  return types.length === 0 ? "" : `; it has ${types.join(", ")}`;
}

function namedPorts(service: Extract<Reason, { code: "port-not-named" }>): string {
  return `service ${placeOf(service)}; named: ${portList(service.ports)}`;
}

function portList(ports: readonly { readonly name: string; readonly protocol: Protocol }[]): string {
  return ports.length === 0 ? "none" : ports.map(({ name, protocol }) => `${name}/${protocol}`).join(", ");
}
