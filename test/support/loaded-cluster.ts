// A cluster as the commands load it, from objects that a test has made: no files are read.
import { Cluster } from "../../src/cluster/cluster.ts";
import type { LoadCluster } from "../../src/cli/load-reported.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { NO_LINES } from "../../src/zonefile/hosts-lines.ts";
import { replace } from "./core/origins.ts";

/** Stands in for `loadCluster`, whatever the paths: gives these objects, after the controllers ran. */
export function loadObjects(objects: readonly KubeObject[], problems: readonly Problem[] = []): LoadCluster {
  return async (_paths, options) => {
    const cluster = new Cluster(options);
    cluster.apply([replace(objects)]);
    return {
      cluster,
      zones: { zones: [], hosts: NO_LINES, problems: [] },
      contents: new Map(),
      notes: [],
      counts: { files: 0, dataFiles: 0, objects: objects.length, documentsWithoutKind: 0, otherKinds: new Map() },
      sourceProblems: problems,
      clusterProblems: cluster.problems(),
      zoneProblems: [],
    };
  };
}
