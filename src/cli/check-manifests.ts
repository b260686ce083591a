// Loads manifests and zone files once, lets the controllers do what a cluster would, and collects all that is wrong:
// what reading found, what the controllers found, what the rules find in the outcome. Opens no socket, writes no file.
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Options } from "../config/options.ts";
import { manifestControllers } from "../cluster/controllers/manifest-controllers.ts";
import { codeRow } from "../diagnostics/codes.ts";
import { diagnose } from "../diagnostics/diagnose.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { Registry } from "../cluster/registry.ts";
import { fieldPlaces } from "../text/field-places.ts";
import { loadManifests } from "../sources/manifests/manifests.ts";
import { readStandardInput } from "../files/standard-input.ts";
import type { StandardInput } from "../files/standard-input.ts";
import { chooseZones } from "../zonefile/choose-zones.ts";
import type { ProblemReport } from "./problem-report.ts";

/** Checks files, folders and `-`; rejects with a `SourceError` when one can't be read at all. */
export async function checkManifests(
  paths: readonly string[],
  options: Options,
  openStdin: () => StandardInput,
): Promise<ProblemReport> {
  const stdinText = paths.includes("-") ? await readStandardInput(openStdin()) : undefined;
  const { objects, zones, problems, counts } = await loadManifests(paths, {
    namespace: options.namespace,
    ...(stdinText !== undefined && { stdin: Readable.from([stdinText]) }),
  });
  const chosen = chooseZones(zones);
  const { registry, problems: derived } = runControllers(objects, options);
  const findings = [
    ...derived.map((problem) => ({ ...problem, path: codeRow(problem.code)?.field ?? [] })),
    ...diagnose(registry, options),
  ];
  const found = [...problems, ...chosen.problems, ...(await placeFindings(findings, stdinText))];
  return {
    problems: found.sort(byPlace),
    files: counts.files,
    objects: counts.objects,
    zones: chosen.zones.length,
    hostsLines: chosen.hosts.length,
    simulatedPods: countSimulatedPods(registry),
  };
}

function runControllers(
  objects: readonly KubeObject[],
  options: Options,
): { readonly registry: Registry; readonly problems: readonly Problem[] } {
  const registry = new Registry();
  const { loop } = manifestControllers(registry, options);
  loop.apply([{ type: "replace", origin: "manifests", rank: "", objects }]);
  return { registry, problems: loop.problems() };
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
  return readFile(file, "utf8").catch(() => undefined);
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
