// Checks manifests and zone files: loads them once and collects the problems of reading, of the cluster and zones, and
// the findings of the diagnostic rules. Opens no socket, writes no file.
import { Readable } from "node:stream";
import type { Registry } from "../cluster/registry.ts";
import type { Options } from "../config/options.ts";
import { codeRow } from "../diagnostics/codes.ts";
import { diagnose } from "../diagnostics/diagnose.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { findUnresolvedNames } from "../diagnostics/name-rules.ts";
import { DiagnosticView } from "../diagnostics/view.ts";
import { decodeText } from "../files/decode-text.ts";
import { FILE_BYTES_MAX } from "../files/file-status.ts";
import { readBoundedFile } from "../files/read-file.ts";
import { readStandardInput } from "../files/standard-input.ts";
import type { StandardInput } from "../files/standard-input.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { fieldPlaces } from "../text/field-places.ts";
import { nameAsker } from "./name-asker.ts";
import { placeInTemplates } from "./place-in-templates.ts";
import { silenceProblems } from "./silence-problems.ts";
import type { TextOf } from "./silence-problems.ts";
import { loadCluster } from "./load-cluster.ts";
import type { LoadedCluster } from "./load-cluster.ts";

/** Standard input is there several times, beside what it holds. */
const INPUT_SHARE = 16;

/** The result of a check. */
export interface ProblemReport {
  /** Sorted by place; problems without one come first. */
  readonly problems: readonly Problem[];
  /** The number of problems that were silenced. */
  readonly ignored: number;
  readonly files: number;
  /** Files with nothing of Kubernetes, which are not among `files`. */
  readonly dataFiles: number;
  readonly objects: number;
  readonly zones: number;
  /** The number of lines in hosts files. */
  readonly hostsLines: number;
  /** The number of simulated pods by workload (`Deployment shop/web`), or by Pod of the manifests (`Pod shop/lone`). */
  readonly simulatedPods: ReadonlyMap<string, number>;
  /** The keys of services that operators would make, by the resource for which they do. */
  readonly simulatedServices: ReadonlyMap<string, readonly string[]>;
}

/**
 * Checks the manifests and zone files of files, folders and `-` (standard input, opened only then), without problems of
 * the codes in `ignore`. Rejects with a `SourceError` if a path can't be read.
 */
export async function checkCluster(
  paths: readonly string[],
  options: Options,
  openStdin: () => StandardInput,
  ignore: readonly string[] = [],
): Promise<ProblemReport> {
  const bytesMax = Math.min(FILE_BYTES_MAX, Math.floor((options.memoryBytes ?? Infinity) / INPUT_SHARE));
  const stdinText = paths.includes("-") ? await readStandardInput(openStdin(), bytesMax) : undefined;
  const stdin = stdinText === undefined ? undefined : Readable.from([stdinText]);
  const loaded = await loadCluster(paths, options, stdin, { takesNotes: true });
  const references = loaded.notes.flatMap((notes) => notes.references);
  const askingForPods = new Set(loaded.notes.flatMap((notes) => notes.askingForPods));
  const { registry } = loaded.cluster;
  const view = new DiagnosticView(registry, options, { references, askingForPods, unused: unusedKeys(loaded) });
  const judged = [
    ...loaded.clusterProblems.map((problem) => ({ ...problem, path: codeRow(problem.code)?.field ?? [] })),
    ...diagnose(view),
  ];
  const known = [...loaded.sourceProblems, ...judged];
  const findings = [...judged, ...(await findUnresolvedNames(view, known, nameAsker(loaded, options)))];
  const textOf: TextOf = async (file) => (file === "-" ? stdinText : await readText(file));
  const found = [...loaded.sourceProblems, ...loaded.zoneProblems, ...(await placeFindings(findings, textOf))];
  const annotations = loaded.notes.flatMap(({ ignored }) => ignored);
  const { problems, ignored } = await silenceProblems(found, { codes: ignore, annotations }, textOf);
  return {
    problems: (await placeInTemplates(problems, textOf)).toSorted(byPlace),
    ignored,
    files: loaded.counts.files,
    dataFiles: loaded.counts.dataFiles,
    objects: loaded.counts.objects,
    zones: loaded.zones.zones.length,
    hostsLines: loaded.zones.hosts.numbers.length,
    simulatedPods: countSimulatedPods(registry),
    simulatedServices: listSimulatedServices(registry),
  };
}

/** The keys of objects that have a problem and are not used. */
function unusedKeys({ cluster, sourceProblems }: LoadedCluster): ReadonlySet<string> {
  const keys = sourceProblems.flatMap(({ object }) => object ?? []);
  return new Set(keys.filter((key) => cluster.registry.given(key) === undefined));
}

/** Gives each finding the place of its field, unless its file can't be read any more. */
async function placeFindings(findings: readonly Finding[], textOf: TextOf): Promise<readonly Problem[]> {
  const byFile = Map.groupBy(findings, ({ place }) => place?.file);
  const placed: Problem[] = [];
  for (const [file, group] of byFile) {
    const text = file === undefined ? undefined : await textOf(file);
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
  return "fault" in read ? undefined : decodeText(read.bytes);
}

function countSimulatedPods(registry: Registry): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of registry.objects()) {
    if (object.kind !== "Pod" || object.simulated === undefined) continue;
    const { namespace, owner } = object;
    const isMade = object.simulated === "template" && owner !== undefined;
    const key = isMade ? `${owner.kind} ${namespace}/${owner.name}` : objectKey(object);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function listSimulatedServices(registry: Registry): ReadonlyMap<string, readonly string[]> {
  const services = [...registry.objects()].filter((object) => object.kind === "Service" && object.maker !== undefined);
  const keys = services.map((object) => {
    const { namespace, maker } = object as Service;
    return [`${maker!.kind} ${namespace}/${maker!.name}`, objectKey(object)] as const;
  });
  const byMaker = Map.groupBy(keys.toSorted(byText), ([maker]) => maker);
  return new Map([...byMaker].map(([maker, pairs]) => [maker, pairs.map(([, key]) => key)]));
}

function byText(a: readonly string[], b: readonly string[]): number {
  return a.join() < b.join() ? -1 : 1;
}

function byPlace(a: Problem, b: Problem): number {
  const [p, q] = [a.place, b.place];
  if (p === undefined || q === undefined) return Number(p !== undefined) - Number(q !== undefined);
  if (p.file !== q.file) return p.file < q.file ? -1 : 1;
  const [from, to] = [a.rendered ?? p, b.rendered ?? q];
  return from.line - to.line || from.column - to.column || (a.code < b.code ? -1 : 1);
}
