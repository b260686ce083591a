// Loads manifests for a command that is not about their problems: these go to stderr, a line each.
// planes/load-cluster.ts loads them.
import type { Options } from "../config/options.ts";
import { SourceError } from "../files/source-error.ts";
import type { StandardInput } from "../files/standard-input.ts";
import { formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import type { LoadedCluster } from "../planes/load-cluster.ts";
import { visible } from "../std/visible.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";

/** `loadCluster`, or its replacement in a test. */
export type LoadCluster = (paths: readonly string[], options: Options, stdin?: StandardInput) => Promise<LoadedCluster>;

/** `loadCluster`, imported on the first call: without manifests the command starts faster without the YAML parser. */
export const loadClusterLazily: LoadCluster = async (paths, options, stdin) => {
  const { loadCluster } = await import("../planes/load-cluster.ts");
  return loadCluster(paths, options, stdin);
};

/** Loads the paths and writes their problems to stderr; a path that can't be read is a failure. */
export async function loadReported(
  paths: readonly string[],
  options: Options,
  io: CommandIo,
  load: LoadCluster,
): Promise<LoadedCluster | Failure> {
  try {
    // Reading the property opens standard input: only for the path -.
    const loaded = await load(paths, options, paths.includes("-") ? io.stdin : undefined);
    writeProblems(io, [...loaded.sourceProblems, ...loaded.clusterProblems, ...loaded.zoneProblems]);
    return loaded;
  } catch (error) {
    if (error instanceof SourceError) return { faults: [error.message], exitCode: 1 };
    throw error;
  }
}

/** A failure where the paths hold nothing, as a pipe does after the program before it failed. */
export function findEmptiness({ counts, zones }: LoadedCluster, paths: readonly string[]): Failure | undefined {
  if (counts.objects + zones.zones.length + zones.hosts.numbers.length > 0) return undefined;
  return { faults: [`no Kubernetes objects and no zones in ${paths.join(" ")}`], exitCode: 1 };
}

/** Writes each problem to stderr as a line. */
export function writeProblems(io: CommandIo, problems: readonly Problem[]): void {
  for (const problem of problems) io.stderr.write(`${problem.severity}: ${visible(formatProblem(problem))}\n`);
}
