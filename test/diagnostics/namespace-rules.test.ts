import { expect, test } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import { diagnose } from "../../src/diagnostics/diagnose.ts";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";
import { replace } from "../support/core/origins.ts";

const NAMESPACES = ["shop", "monitoring", "", "kube-system"];

function hints(namespace: string): string[] {
  const documents = NAMESPACES.map(
    (name, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}, namespace: "${name}"}\n`,
  );
  const { objects } = parseManifest(documents.join("---\n"), { file: "a.yaml", namespace });
  const registry = new Registry();
  registry.apply([replace(objects)]);
  const found = diagnose(new DiagnosticView(registry, { clusterDomain: "cluster.local", namespace }));
  return found.map(({ code, severity, message, place }) => `${place!.line} ${severity} ${code} ${message}`);
}

test("objects outside --namespace are told once, with a count and the first place", () => {
  expect(hints("shop")).toEqual([
    "5 hint other-namespace 2 objects name another namespace than shop, that of --namespace; this one names monitoring",
  ]);
});

test("without --namespace each object is where it belongs", () => {
  expect(hints("default")).toEqual([]);
});
