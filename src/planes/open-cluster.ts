// Creates the cluster with the addresses from the state file, if there is one. The only place that creates a cluster:
// `serve` keeps it up to date, the other commands load it once. Reads one file.
import { Cluster } from "../cluster/cluster.ts";
import type { Options } from "../config/options.ts";
import type { Problem } from "../objects/problem.ts";
import { readState } from "../state/state-file.ts";

/** A cluster without objects. */
export interface OpenedCluster {
  readonly cluster: Cluster;
  /** The last serial of the cluster zone in the earlier run. */
  readonly serial: number | undefined;
  /** Problems of the state file. */
  readonly problems: readonly Problem[];
}

export async function openCluster(options: Options): Promise<OpenedCluster> {
  const { stateFile } = options;
  const { state, problems } = stateFile === undefined ? { problems: [] } : await readState(stateFile);
  // The API of a cluster tells of these services itself.
  const clusterServices = options.clusterServices && options.sources.length === 0;
  return { cluster: new Cluster({ ...options, clusterServices }, state), serial: state?.serial, problems };
}
