// The sources of the first cluster: objects of a program, manifests, those of the options, and what a caller brings.
// Without any, a server has the clusters of `--cluster` alone.
import type { Readable } from "node:stream";
import type { Options } from "../config/options.ts";
import { ManifestSource } from "../sources/manifests/manifest-source.ts";
import type { ProgramSource } from "../sources/program/program-source.ts";
import type { Source } from "../sources/source.ts";
import type { MemoryRoom } from "../std/memory-room.ts";
import { remoteSources } from "./remote-sources.ts";

/** Where the objects of the first cluster come from. */
export interface FirstInput {
  readonly paths: readonly string[];
  /** Those of a program, which may have none yet. */
  readonly objects?: readonly unknown[];
  /** What the path `-` reads. */
  readonly stdin?: Readable;
  /** Sources beside these. */
  readonly sources?: readonly Source[];
}

/** The sources, not started. Undefined: there are none, but the clusters of `--cluster` alone. */
export function firstSources(
  options: Options,
  { paths, objects, stdin, sources = [] }: FirstInput,
  program: ProgramSource,
  room: MemoryRoom,
): readonly Source[] | undefined {
  const { namespace, kustomize: isBuilding } = options;
  const manifests =
    paths.length === 0 ? [] : [new ManifestSource({ paths, namespace, isBuilding, room, ...(stdin && { stdin }) })];
  const others = [...manifests, ...remoteSources(options, room), ...sources];
  const isServed = others.length > 0 || objects !== undefined || options.clusters.length === 0;
  return isServed ? [program, ...others] : undefined;
}
