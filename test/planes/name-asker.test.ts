// The other side of the rule that starts from the answer: in every folder of manifests, each name of the manifests
// without records has a problem, on the object that has the name or on the service that lacks something.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { hasUnknownEndpoints } from "../../src/diagnostics/answer-rules.ts";
import { diagnose } from "../../src/diagnostics/diagnose.ts";
import { findUnresolvedNames } from "../../src/diagnostics/name-rules.ts";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import type { WrittenName, NameFault } from "../../src/diagnostics/written-name.ts";
import { hostNames, podNames, serviceNames } from "../../src/diagnostics/written-names.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { nameAsker } from "../../src/planes/name-asker.ts";
import { readSettings } from "../support/scenario.ts";
import { sampleOf } from "../support/thorough.ts";

const folders = ["../scenarios/", "../mistakes/"].flatMap((path) => {
  const parent = new URL(path, import.meta.url);
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => new URL(`${name}/`, parent));
});

/** The names of the manifests without records, and the objects that problems tell of. */
async function judge(
  folder: URL,
): Promise<{ readonly unjudged: readonly string[]; readonly resolved: readonly string[] }> {
  const options = optionsFromSettings({ ...readSettings(folder) });
  const loaded = await loadCluster([fileURLToPath(folder)], options, undefined, { takesNotes: true });
  const references = loaded.notes.flatMap((notes) => notes.references);
  const keys = loaded.sourceProblems.flatMap(({ object }) => object ?? []);
  const unused = new Set(keys.filter((key) => loaded.cluster.registry.given(key) === undefined));
  const view = new DiagnosticView(loaded.cluster.registry, options, { references, unused });
  const ask = nameAsker(loaded, options);
  const known = [...loaded.sourceProblems, ...loaded.clusterProblems, ...diagnose(view)];
  const found = await findUnresolvedNames(view, known, ask);
  const told = new Set([...known, ...found].map(({ object }) => object));
  const unjudged: string[] = [];
  const resolved: string[] = [];
  const names = [
    ...view.services.flatMap((each) => [...serviceNames(view, each)]),
    ...podNames(view),
    ...hostNames(view),
  ];
  for (const name of names) {
    const fault = await ask(name.question);
    const at = (each: (typeof found)[number]): boolean =>
      each.object === name.object &&
      each.path === name.path &&
      each.message.startsWith(name.question.name.slice(0, -1));
    if (fault === undefined && found.some(at)) resolved.push(name.question.name);
    if (fault !== undefined && isFault(view, name, fault) && !concerned(name, fault).some((key) => told.has(key)))
      unjudged.push(`${name.object} ${name.question.name} ${fault.reason.code}`);
  }
  return { unjudged, resolved };
}

/** Names of others, and services that others may have: docs/check.md says so. */
function isFault(view: DiagnosticView, { of }: WrittenName, { reason, mayBeOutside }: NameFault): boolean {
  if (["no-service", "no-namespace", "not-served", "delegated"].includes(reason.code)) return false;
  const service = "service" in reason ? view.registry.service(reason.namespace, reason.service) : undefined;
  if (service?.maker !== undefined) return false;
  // Its slices have problems of their own, or its pods are in no cluster yet and nothing simulates them.
  if (service !== undefined && hasUnknownEndpoints(view, service)) return false;
  return of.kind !== "reference" || (!mayBeOutside && reason.code !== "special-not-forwarded");
}

function concerned({ object }: WrittenName, { reason }: NameFault): readonly string[] {
  return "service" in reason ? [object, `Service ${reason.namespace}/${reason.service}`] : [object];
}

describe.each(
  sampleOf(folders, 3).map((folder) => ({ name: folder.pathname.split("/").slice(-3, -1).join("/"), folder })),
)("$name", ({ folder }) => {
  test("each name without records has a problem, and none with records", async () => {
    expect(await judge(folder)).toEqual({ unjudged: [], resolved: [] });
  });
});
