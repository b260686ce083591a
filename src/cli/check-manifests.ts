// Loads manifests and zone files once and collects everything that is wrong: what reading and the cluster report, and
// what the rules find in the outcome. Opens no socket, writes no file.
import { Readable } from "node:stream";
import type { Registry } from "../cluster/registry.ts";
import type { Options } from "../config/options.ts";
import { codeRow } from "../diagnostics/codes.ts";
import { diagnose } from "../diagnostics/diagnose.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { FILE_BYTES_MAX } from "../files/file-status.ts";
import { readBoundedFile } from "../files/read-file.ts";
import { readStandardInput } from "../files/standard-input.ts";
import type { StandardInput } from "../files/standard-input.ts";
import type { Problem } from "../objects/problem.ts";
import { loadCluster } from "../planes/load-cluster.ts";
import { fieldPlaces } from "../text/field-places.ts";
import type { ProblemReport } from "./problem-report.ts";

/** Checks files, folders and `-`; rejects with a `SourceError` when one can't be read at all. */
export async function checkManifests(
  paths: readonly string[],
  options: Options,
  openStdin: () => StandardInput,
): Promise<ProblemReport> {
  const stdinText = paths.includes("-") ? await readStandardInput(openStdin()) : undefined;
  const stdin = stdinText === undefined ? undefined : Readable.from([stdinText]);
  const loaded = await loadCluster(paths, options, stdin);
  const { registry } = loaded.cluster;
  const findings = [
    ...loaded.clusterProblems.map((problem) => ({ ...problem, path: codeRow(problem.code)?.field ?? [] })),
    ...diagnose(registry, options),
  ];
  const found = [...loaded.sourceProblems, ...loaded.zoneProblems, ...(await placeFindings(findings, stdinText))];
  return {
    problems: found.sort(byPlace),
    files: loaded.counts.files,
    objects: loaded.counts.objects,
    zones: loaded.zones.zones.length,
    hostsLines: loaded.zones.hosts.length,
    simulatedPods: countSimulatedPods(registry),
  };
}

/** Points each finding at its field, as far as its file still holds what was loaded. */
async function placeFindings(findings: readonly Finding[], stdinText: string | undefined): Promise<readonly Problem[]> {
  const byFile = Map.groupBy(findings, ({ place }) => place?.file);
  const placed: Problem[] = [];
  for (const [file, group] of byFile) {
    const text = file === undefined ? undefined : file === "-" ? stdinText : await readText(file);
    const wanted = group.map(({ place, path }) => ({ place: place!, path }));
    const places = text === undefined ? undefined : fieldPlaces(text, wanted);
    group.forEach((finding, index) => {
      const { path: _, ...problem } = finding;
      const place = places?.[index] ?? problem.place;
      placed.push({ ...problem, ...(place && { place }) });
    });
  }
  return placed;
}

async function readText(file: string): Promise<string | undefined> {
  const read = await readBoundedFile(file, FILE_BYTES_MAX);
  return "fault" in read ? undefined : read.bytes.toString("utf8");
}

function countSimulatedPods(registry: Registry): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of registry.objects()) {
    if (object.kind !== "Pod" || !object.simulated || object.owner === undefined) continue;
    const key = `${object.owner.kind} ${object.namespace}/${object.owner.name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byPlace(a: Problem, b: Problem): number {
  const [p, q] = [a.place, b.place];
  if (p === undefined || q === undefined) return Number(p !== undefined) - Number(q !== undefined);
  if (p.file !== q.file) return p.file < q.file ? -1 : 1;
  return p.line - q.line || p.column - q.column || (a.code < b.code ? -1 : 1);
}
