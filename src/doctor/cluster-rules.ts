// Rules on the cluster domain of the search list, and on pods that do not ask their cluster. Pure.
// Evidence of the server's own domain is the reverse name of a service, such as that of the server itself.
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";
import { hasAnswer, isFailure, verdict } from "./observation.ts";
import type { Observation } from "./observation.ts";
import { withPurpose } from "./server-view.ts";
import type { ServerView } from "./server-view.ts";

/** `clusterDomain`: that of the search list, or as said; undefined: none. */
export interface ClusterFacts {
  readonly clusterDomain: string | undefined;
  /** Whether this is a pod of a cluster. */
  readonly isPod: boolean;
  /** Whether the search list is known. */
  readonly hasSearchList: boolean;
}

/** Looks at servers that answer over UDP. */
export function clusterRules(servers: readonly ServerView[], facts: ClusterFacts): readonly DoctorFinding[] {
  const { clusterDomain, isPod, hasSearchList } = facts;
  if (clusterDomain === undefined) {
    if (!isPod || !hasSearchList) return [];
    const message = "the search list of this pod has no cluster domain, so services do not resolve";
    return [finding("not-cluster-dns", message, ["KUBERNETES_SERVICE_HOST is set, as in every pod"])];
  }
  const asked = servers
    .flatMap(({ udp }) => withPurpose(udp, "cluster"))
    .filter(({ question }) => question.type === "A");
  if (asked.length === 0 || asked.some(hasAnswer)) return [];
  const { name } = asked[0]!.question;
  const how = [...new Set(asked.map(verdict))].join(" or ");
  const pointers = servers.flatMap(({ udp }) => withPurpose(udp, "pointer")).filter(hasAnswer);
  const other = pointers.map(domainOfService).find((domain) => domain !== undefined && domain !== clusterDomain);
  if (other === undefined && asked.every(isFailure)) {
    return [finding("cluster-domain-fails", `no server answers for ${clusterDomain}: ${name} gets ${how}`, asked)];
  }
  const isOther = other === undefined ? "" : `; the domain of the server is ${other}`;
  const message = `${clusterDomain} is not the cluster domain: ${name} gets ${how}${isOther}`;
  return [finding("wrong-cluster-domain", message, [...asked, ...pointers])];
}

/** The cluster domain in the reverse name of a service: what follows `SERVICE.NAMESPACE.svc.` */
function domainOfService({ outcome }: Observation): string | undefined {
  const [target = ""] = outcome.kind === "reply" ? outcome.answers : [];
  return /^[^.]+\.[^.]+\.svc\.(.+)\.$/.exec(target)?.[1];
}
