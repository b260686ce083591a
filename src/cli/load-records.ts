// Loads manifests and zone files for a command that shows what a server of them would answer: the records, read from
// the compiled table. Problems go to stderr.
import type { Cluster } from "../cluster/cluster.ts";
import type { Options } from "../config/options.ts";
import type { RecordList } from "../records/listed-record.ts";
import { listRecords } from "../records/list-records.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { loadClusterLazily, loadReported } from "./load-reported.ts";

/** The records, and the cluster that they come from. */
export interface LoadedRecords {
  readonly list: RecordList;
  readonly cluster: Cluster;
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
  const { cluster, zones } = loaded;
  const { CompiledCluster } = await import("../planes/compiled-cluster.ts");
  return { cluster, list: listRecords(new CompiledCluster(cluster, zones, options).table, serial) };
}
