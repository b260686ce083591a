// Compiles the PTR records of an address.
// Kubernetes DNS-Based Service Discovery 1.1.0, sections 2.3.3 and 2.4.3.
import { TYPE } from "../dns/constants.ts";
import { nameKey, prependLabels } from "../dns/name.ts";
import type { Service } from "../objects/kube-object.ts";
import { fits } from "./cluster-names.ts";
import { withoutDuplicates } from "./compile-service.ts";
import type { CompileSettings } from "./compile-service.ts";
import type { AnswerRRset } from "./owner-records.ts";

/** The name of an endpoint of a service: the target of a PTR record. */
export interface EndpointName {
  /** The service's owner name. */
  readonly owner: Uint8Array;
  readonly label: string;
  readonly addressText: string;
}

/**
 * The PTR set of an address: the services of which it is a cluster IP; without any, its endpoint names; undefined if
 * there are none either.
 */
export function compilePointer(
  clusterIpOf: Iterable<Service>,
  endpointNames: Iterable<EndpointName>,
  settings: CompileSettings,
): AnswerRRset | undefined {
  const { names, ttlSeconds } = settings;
  let rdata = [...clusterIpOf].map((service) => names.service(service));
  if (rdata.length === 0) rdata = [...endpointNames].map(({ owner, label }) => prependLabels([label], owner));
  const fitting = withoutDuplicates(rdata.filter(fits));
  if (fitting.length === 0) return undefined;
  // Sorted: the answer must not depend on the order of objects.
  const sorted = fitting.toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1));
  return { type: TYPE.PTR, ttlSeconds, rdata: sorted };
}
