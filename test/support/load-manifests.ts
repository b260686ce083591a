// Manifests as a source hands them over when it is not followed: what is held in the end, and all problems.
import type { SourceChange } from "../../src/cluster/change.ts";
import { Registry } from "../../src/cluster/registry.ts";
import type { StandardInput } from "../../src/files/standard-input.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { compareOrigins } from "../../src/objects/origin.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { ManifestSource } from "../../src/sources/manifests/manifest-source.ts";
import type { ManifestCounts } from "../../src/sources/manifests/manifest-reporter.ts";
import type { ZoneContents } from "../../src/zonefile/choose-zones.ts";

export interface LoadedManifests {
  /** In the order of the files. */
  readonly objects: readonly KubeObject[];
  readonly zones: ZoneContents;
  readonly problems: readonly Problem[];
  readonly counts: ManifestCounts;
}

/** Rejects with a `SourceError` when a path can't be read at all. */
export async function loadManifests(
  paths: readonly string[],
  settings: { readonly namespace: string; readonly stdin?: StandardInput; readonly isBuilding?: boolean },
): Promise<LoadedManifests> {
  const changes: Extract<SourceChange, { type: "replace" }>[] = [];
  const problems: Problem[] = [];
  let zones: ZoneContents = new Map();
  const source = new ManifestSource({ ...settings, paths, isWatching: false });
  try {
    await source.start({
      change: (some) => void changes.push(...some.filter((change) => change.type === "replace")),
      replaceZones: (contents) => void (zones = contents),
      setProblems: (_place, found) => void problems.push(...found),
      setStatus: () => undefined,
    });
  } finally {
    await source.close();
  }
  const registry = new Registry();
  registry.apply(changes.toSorted((a, b) => compareOrigins(a.origin, b.origin)));
  problems.push(...registry.conflicts());
  return { objects: [...registry.objects()], zones, problems, counts: source.counts() };
}
