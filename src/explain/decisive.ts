// Of the candidates of a search list, the one that the user meant: the one that resolves, else the one nearest to a
// name that exists. Not simply the last: `web.prd` is asked for as `web.prd.` in the end, and means namespace prd.
// Pure.
import { parseName } from "../dns/name.ts";
import type { ReasonCode } from "../reasons/reason.ts";
import type { CandidateOutcome } from "./explanation.ts";
import type { NameView } from "./explain-view.ts";
import { findPlace, labelsBelow } from "./name-place.ts";

/** The name is of an object that exists. */
const OF_OBJECTS: ReadonlySet<ReasonCode> = new Set([
  "no-ready-endpoint",
  "endpoint-not-ready",
  "port-not-named",
  "no-endpoint-port",
  "no-cluster-ip",
  "no-address-of-family",
  "no-external-name",
  "no-endpoint-name",
  "pod-names-off",
  "no-pod-address",
  "not-loaded",
  "cname-loop",
  "rewritten-to-no-name",
  "overridden",
  "client-not-allowed",
]);

/** How near candidates are to what exists; a larger number is nearer. */
const NEARNESS = { resolves: 9, object: 7, nearest: 5, named: 4, outside: 3, other: 2, far: 1 } as const;

/** The index of the candidate. `typed`: the name as the user has it. */
export function findDecisive(typed: string, candidates: readonly CandidateOutcome[], view: NameView): number {
  const nearness = candidates.map((candidate) => nearnessOf(candidate, typed, view));
  return nearness.indexOf(Math.max(...nearness));
}

function nearnessOf(candidate: CandidateOutcome, typed: string, view: NameView): number {
  const { outcome, reason } = candidate;
  if (outcome === "records") return NEARNESS.resolves;
  if (candidate.service !== undefined) return NEARNESS.object;
  if (reason === undefined) return ofOutside(candidate, typed);
  if (reason.code === "other-domain") return NEARNESS.nearest;
  if (OF_OBJECTS.has(reason.code)) return NEARNESS.object;
  const rest = labelsBefore(candidate, view);
  if (reason.code === "no-service" || reason.code === "no-namespace") {
    // A name such as `api.example.com` lies deep below a service `com`, which nobody means.
    if (rest > 0 && !isPortName(candidate.name) && !isOfPods(candidate, view)) return NEARNESS.far;
    if (reason.nearest !== undefined) return NEARNESS.nearest;
    return reason.code === "no-service" ? NEARNESS.named : NEARNESS.other;
  }
  if (reason.code === "no-cluster-name") return reason.nearest === undefined ? NEARNESS.far : NEARNESS.nearest;
  return ofOutside(candidate, typed);
}

function ofOutside(candidate: CandidateOutcome, typed: string): number {
  if (isSearched(candidate, typed)) return NEARNESS.other;
  // Nobody means a top-level domain such as `web`.
  return typed.includes(".") ? NEARNESS.outside : NEARNESS.far;
}

/** Whether the candidate is the name with a domain of the search list behind it. */
function isSearched({ name }: CandidateOutcome, typed: string): boolean {
  return name.length > typed.length + 1;
}

/** How many labels are before the service's; 0 outside clusters. */
function labelsBefore({ name }: CandidateOutcome, view: NameView): number {
  const wire = parseName(name)!;
  const place = findPlace(wire, view);
  return place.kind === "cluster" ? Math.max(0, labelsBelow(wire, place.cluster.domain).length - 3) : 0;
}

/** Whether pods have the name's service as their subdomain: `db-0.db` is theirs, even if the service is missing. */
function isOfPods({ reason }: CandidateOutcome, { clusters }: NameView): boolean {
  if (reason?.code !== "no-service") return false;
  const { service, namespace } = reason;
  return clusters.some(({ registry }) =>
    [...registry.objects()].some(
      (object) => object.kind === "Pod" && object.namespace === namespace && object.subdomain === service,
    ),
  );
}

function isPortName(name: string): boolean {
  return /^_[^.]+\._(?:tcp|udp|sctp)\./i.test(name);
}
