// What to do so that a name resolves, by the reason that it does not: a sentence each, without a full stop. Pure.
// Reasons that need evidence first send people to `explain`.
import type { Reason } from "../reasons/reason.ts";
import type { NameQuestion } from "./written-name.ts";

export function adviceFor(reason: Reason, { name, type, from }: NameQuestion): string {
  switch (reason.code) {
    case "no-ready-endpoint":
    case "endpoint-not-ready":
      return "set `publishNotReadyAddresses: true` if the name must exist before the pods are ready";
    case "no-endpoint-name":
      return "use the name of an endpoint: pods need `hostname` and `subdomain`, or a StatefulSet with `serviceName`";
    case "no-endpoint-port":
      return "give a port of the EndpointSlice this name and protocol";
    case "port-not-named":
      return "use a port that the service names, with its protocol";
    case "no-address-of-family":
      return `give the pods IPv${reason.family} addresses, or take the family out of \`ipFamilies\``;
    case "no-cluster-name":
      return `use ${reason.nearest ?? `SERVICE.NAMESPACE.svc.${reason.domain}`}`;
    case "other-domain":
      return `use ${reason.nearest}, or give the cluster's domain with --cluster-domain`;
    case "special-not-forwarded":
      return "use a name of another domain, or give the servers of this one with --stub-domain";
    case "not-in-zone":
    case "no-records":
    case "no-records-of-type":
      return "correct the name, or add its records to the zone";
    case "cname-loop":
      return "point one of them to the real target";
    default: {
      const asked = type === undefined ? name : `${name} ${type}`;
      return `\`cluster-dns explain ${asked} --from ${from}\` shows what is behind the name`;
    }
  }
}
