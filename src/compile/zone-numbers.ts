// The numbers of the zones in a table: each has an SOA and a readiness of its own.
// Clusters and what they share come first, then zones of files. Pure.

/** More would need a larger head of the table. */
export const CLUSTERS_MAX = 32;
/** Hosts names and special names that no cluster has need not wait for a cluster. Has the SOA of the first one. */
export const LOCAL_ZONE = 1;
/** Reverse names that any of several clusters may have: ready when all of them are. Has the SOA of the first one. */
const SHARED_ZONE = 2;
/** The zones of files follow those of clusters. */
export const STATIC_ZONES_FIRST = 2 + CLUSTERS_MAX;
export const STATIC_ZONES_MAX = 1023;

/** The zone of a cluster, by its place among the clusters of the table. */
export function clusterZone(rank: number): number {
  return rank === 0 ? 0 : SHARED_ZONE + rank;
}

/** The zone of reverse names that any cluster may have; there is none but the cluster's if there is one cluster. */
export function sharedZone(clusterCount: number): number {
  return clusterCount === 1 ? clusterZone(0) : SHARED_ZONE;
}
