// The clusters of a server: the first one, which has manifests, objects of a program and the sources of the options,
// and those of `--cluster`. Each is served as if it were the only one.
import { firstDomainConflicts, snapshotOf } from "../config/cluster-conflicts.ts";
import type { NamedCluster } from "../config/cluster-value.ts";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import type { Source } from "../sources/source.ts";
import type { MemoryRoom } from "../std/memory-room.ts";
import { remoteSources } from "./remote-sources.ts";
import type { ClusterFeed } from "./served-cluster.ts";

/** The clusters, none of whose sources is started. `ofFirst` undefined: only those of `--cluster`. */
export function clusterFeeds(
  options: Options,
  ofFirst: readonly Source[] | undefined,
  room: MemoryRoom,
): readonly ClusterFeed[] {
  const { clusterDomain, clusters } = options;
  const named = clusters.map((cluster) => {
    const own = optionsOfCluster(options, cluster);
    return { name: cluster.name, options: own, sources: remoteSources(own, room, cluster.name) };
  });
  if (ofFirst === undefined) return named;
  const conflicts = firstDomainConflicts(clusterDomain, clusters);
  if (conflicts.length > 0)
    throw new SettingsError(`${conflicts.join("; ")}; --cluster-domain changes that of the first`);
  return [{ options, sources: ofFirst }, ...named];
}

/** The options of a cluster of `--cluster`, as if it were the only one. */
export function optionsOfCluster(options: Options, cluster: NamedCluster): Options {
  // Nothing is allocated for a live cluster, so there is no state to keep.
  const { context: _, namespaceSelector: _n, serviceSelector: _s, stateFile: _f, snapshotFile, ...shared } = options;
  const { name: _name, ...own } = cluster;
  const snapshot = snapshotOf(cluster, snapshotFile);
  return {
    ...shared,
    sources: ["kubernetes"],
    clusters: [],
    namespaces: [],
    ...own,
    ...(snapshot !== undefined && { snapshotFile: snapshot }),
  };
}
