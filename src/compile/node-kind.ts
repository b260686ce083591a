// The kinds of names that deny what is not there: the rows of `ReasonTexts`. An entry of the table has the number;
// whoever answers does not know what it means.

export const NODE = {
  /** Zones of files, names of hosts files, and special names that are answered. */
  OTHER: 0,
  /** Of a cluster: the apex of its domain, endpoints, ports, names of the zone itself. */
  CLUSTER: 1,
  /** `svc.Z` and `pod.Z`. */
  NAMESPACES: 2,
  /** `N.svc.Z` */
  SERVICES: 3,
  /** `N.pod.Z`, by the option `pods`. */
  ANY_PODS: 4,
  RUNNING_PODS: 5,
  NO_PODS: 6,
  /** `S.N.svc.Z`; the second one has no address. */
  SERVICE: 7,
  SERVICE_WITHOUT_ADDRESS: 8,
  /** Zones of reverse names. */
  REVERSE: 9,
  /** Special-use domains without names. */
  DENIED_DOMAIN: 10,
} as const;
export type NodeKind = (typeof NODE)[keyof typeof NODE];
export const NODES = Object.keys(NODE).length;
