// The kinds of names that deny what is not there: the rows of `ReasonTexts`. An entry of the table has the number;
// whoever answers does not know what it means.

import { LEVEL } from "../table/reason-texts.ts";

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
export const NODES = Object.keys(NODE).length;

/** Namespaces and services may be told in place of a name with a typing mistake: of each kind its `LEVEL`. */
export const NODE_LEVELS = levels({
  [NODE.SERVICES]: LEVEL.GROUP,
  [NODE.ANY_PODS]: LEVEL.GROUP,
  [NODE.RUNNING_PODS]: LEVEL.GROUP,
  [NODE.NO_PODS]: LEVEL.GROUP,
  [NODE.SERVICE]: LEVEL.MEMBER,
  [NODE.SERVICE_WITHOUT_ADDRESS]: LEVEL.MEMBER,
});
/** The same of the names right below a node of the kind. */
export const NODE_LEVELS_BELOW = levels({ [NODE.NAMESPACES]: LEVEL.GROUP, [NODE.SERVICES]: LEVEL.MEMBER });

function levels(of: Readonly<Record<number, number>>): Uint8Array {
  return Uint8Array.from({ length: NODES }, (_, node) => of[node] ?? LEVEL.NONE);
}
export type NodeKind = (typeof NODE)[keyof typeof NODE];
