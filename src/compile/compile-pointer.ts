// An address → the PTR records of its reverse name.
// Kubernetes DNS-Based Service Discovery 1.1.0, sections 2.3.3 and 2.4.3.
import { TYPE } from "../dns/constants.ts";
import { nameKey, prependLabels } from "../dns/name.ts";
import type { Service } from "../objects/kube-object.ts";
import { fits } from "./cluster-names.ts";
import { withoutDuplicates } from "./compile-service.ts";
import type { CompileSettings } from "./compile-service.ts";
import type { AnswerRRset } from "./owner-records.ts";

/** One address behind a service, under the name that its endpoint has there. */
export interface Standing {
  /** The service's name. */
  readonly owner: Uint8Array;
  readonly label: string;
  readonly addressText: string;
}

/**
 * The services that have the address as a cluster IP; where there are none, the endpoint names that it stands under;
 * undefined when there are none either.
 */
export function compilePointer(
  clusterIpOf: Iterable<Service>,
  standings: Iterable<Standing>,
  settings: CompileSettings,
): AnswerRRset | undefined {
  const { names, ttlSeconds } = settings;
  let rdata = [...clusterIpOf].map((service) => names.service(service));
  if (rdata.length === 0) rdata = [...standings].map(({ owner, label }) => prependLabels([label], owner));
  const fitting = withoutDuplicates(rdata.filter(fits));
  if (fitting.length === 0) return undefined;
  // Sorted, so that the answer does not depend on the order in which the objects came.
  const sorted = fitting.toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1));
  return { type: TYPE.PTR, ttlSeconds, rdata: sorted };
}
