// Loads manifests and zone files once, with the same cluster, addresses and problems as `serve` at its start.
// Opens no socket, writes no file.
import type { Cluster } from "../cluster/cluster.ts";
import type { SourceChange } from "../cluster/change.ts";
import type { Options } from "../config/options.ts";
import type { StandardInput } from "../files/standard-input.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { CheckNotes } from "../sources/manifests/check-notes.ts";
import type { ManifestCounts } from "../sources/manifests/manifest-reporter.ts";
import { ManifestSource } from "../sources/manifests/manifest-source.ts";
import { PROGRAM_ORIGIN } from "../sources/program/program-source.ts";
import { chooseZones } from "../zonefile/choose-zones.ts";
import type { ChosenZones, ZoneContents } from "../zonefile/choose-zones.ts";
import { CompiledCluster } from "./compiled-cluster.ts";
import { openCluster } from "./open-cluster.ts";
import { openMemory } from "./open-memory.ts";

export interface LoadedCluster {
  readonly cluster: Cluster;
  readonly zones: ChosenZones;
  /** Of each zone file and hosts file. */
  readonly contents: ZoneContents;
  readonly counts: ManifestCounts;
  /** Only if they were asked for. */
  readonly notes: readonly CheckNotes[];
  /** Problems of the sources and of the state file. */
  readonly sourceProblems: readonly Problem[];
  /** Problems of the objects together: addresses, pods, duplicates. */
  readonly clusterProblems: readonly Problem[];
  /** Why zones of files are not served. */
  readonly zoneProblems: readonly Problem[];
  /** Where there are zone files: all names of the cluster decide which of their zones are served. */
  readonly compiled?: CompiledCluster;
}

/** What a load takes beside paths. */
export interface LoadExtras {
  /** Whether the notes of `check` are taken. */
  readonly takesNotes?: boolean;
  /** Of a program. */
  readonly objects?: readonly KubeObject[];
}

/** Loads the paths. Rejects with a `SourceError` if a path can't be read at all. */
export async function loadCluster(
  paths: readonly string[],
  options: Options,
  stdin?: StandardInput,
  { takesNotes = false, objects = [] }: LoadExtras = {},
): Promise<LoadedCluster> {
  const { cluster, problems } = await openCluster(options);
  const byPlace = new Map<string, readonly Problem[]>();
  const changes: SourceChange[] = [];
  let contents: ZoneContents = new Map();
  const { namespace, kustomize: isBuilding } = options;
  const source = new ManifestSource({
    paths,
    namespace,
    isWatching: false,
    isBuilding,
    takesNotes,
    room: openMemory(options).room,
    ...(stdin && { stdin }),
  });
  try {
    await source.start({
      change: (some) => {
        // Not spread into arguments: there may be too many files.
        for (const change of some) changes.push(change);
      },
      replaceZones: (all) => void (contents = all),
      setProblems: (place, found) => void byPlace.set(place, found),
      setStatus: () => undefined,
    });
  } finally {
    await source.close();
  }
  if (objects.length > 0) changes.push({ type: "replace", origin: PROGRAM_ORIGIN, objects });
  cluster.apply(changes);
  const { zones, problems: zoneProblems, compiled } = checkZones(cluster, contents, options);
  return {
    cluster,
    zones,
    contents,
    counts: source.counts(),
    notes: source.notes(),
    sourceProblems: [...problems, ...[...byPlace.values()].flat()],
    clusterProblems: cluster.problems(),
    zoneProblems,
    ...(compiled && { compiled }),
  };
}

/** The zones of the files, and their problems beside this cluster. Compiles everything if there are any zones. */
export function checkZones(
  cluster: Cluster,
  contents: ZoneContents,
  options: Options,
): { readonly zones: ChosenZones; readonly problems: readonly Problem[]; readonly compiled?: CompiledCluster } {
  const zones = chooseZones(contents);
  if (zones.zones.length === 0) return { zones, problems: zones.problems };
  // The compiler decides which zones are served, here as in a server.
  const compiled = new CompiledCluster(cluster, zones, options);
  return { zones, problems: [...zones.problems, ...compiled.problems], compiled };
}
