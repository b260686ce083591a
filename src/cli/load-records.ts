// Loads manifests and zone files for a command that shows what a server of them would answer: the records, read from
// the compiled table. Problems go to stderr.
import type { Cluster } from "../cluster/cluster.ts";
import type { Options } from "../config/options.ts";
import type { RecordList } from "../records/listed-record.ts";
import { listRecords } from "../records/list-records.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { findEmptiness, loadClusterLazily, loadReported } from "./load-reported.ts";

/** The records, and the objects of addresses that controllers assigned, such as `service shop/web`. */
export interface LoadedRecords {
  readonly list: RecordList;
  readonly assigned: ReadonlyMap<string, string>;
}

/** Lists the records of the paths. `serial`: that of the zones which no file gives. */
export async function loadRecords(
  paths: readonly string[],
  options: Options,
  io: CommandIo,
  { serial = 1 } = {},
): Promise<LoadedRecords | Failure> {
  const loaded = await loadReported(paths, options, io, loadClusterLazily);
  if ("faults" in loaded) return loaded;
  // A folder may be empty; who pipes something has something.
  const emptiness = paths.includes("-") ? findEmptiness(loaded, paths) : undefined;
  if (emptiness !== undefined) return emptiness;
  const { cluster, zones } = loaded;
  const { CompiledCluster } = await import("../planes/compiled-cluster.ts");
  // No server runs, whose addresses the name server of the zones would have: they are those of this machine.
  const compiled = new CompiledCluster(cluster, zones, { ...options, listen: [] });
  const list = listRecords(compiled.table, serial);
  return { list, assigned: assignedAddresses(cluster) };
}

function assignedAddresses(cluster: Cluster): ReadonlyMap<string, string> {
  const { clusterIps, podIps } = cluster.allocations();
  const assigned = new Map<string, string>();
  for (const [key, addresses] of clusterIps) {
    const given = cluster.registry.given(`Service ${key}`);
    if (given?.kind !== "Service") continue;
    for (const address of addresses) if (!given.clusterIPs.includes(address)) assigned.set(address, `service ${key}`);
  }
  for (const [key, addresses] of podIps) for (const address of addresses) assigned.set(address, `pod ${key}`);
  return assigned;
}
