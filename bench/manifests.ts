// Writes the measured cluster where servers read it: manifests in JSON or YAML, a zone file, a file of questions.
// Some services a file, as a repository or `kubectl get` of a namespace would have them.
import { mkdirSync, writeFileSync, openSync, writeSync, closeSync } from "node:fs";
import { formatZone } from "./cluster-records.ts";
import { namespaceObjects, serviceObject, sliceObjects } from "./cluster.ts";
import type { KubernetesObject, ModelService, Question } from "./cluster.ts";

const SERVICES_PER_FILE = 100;

/** Writes the cluster's objects into a new folder: a `List` a file in JSON, a document an object in YAML. */
export function writeManifests(folder: string, services: readonly ModelService[], format: "json" | "yaml"): void {
  mkdirSync(folder, { recursive: true });
  writeObjects(`${folder}/namespaces.${format}`, namespaceObjects(services), format);
  for (let at = 0; at < services.length; at += SERVICES_PER_FILE) {
    const objects = services
      .slice(at, at + SERVICES_PER_FILE)
      .flatMap((service) => [serviceObject(service), ...sliceObjects(service)]);
    writeObjects(`${folder}/services-${String(at).padStart(6, "0")}.${format}`, objects, format);
  }
}

/** Writes a zone file with the answers that the objects make. */
export function writeZoneFile(path: string, services: readonly ModelService[], serverAddress: string): void {
  const file = openSync(path, "w");
  let text = "";
  for (const piece of formatZone(services, serverAddress)) {
    text += piece;
    if (text.length < 1 << 20) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}

/** Writes questions as dnsperf reads them. */
export function writeQuestions(path: string, questions: readonly Question[]): void {
  writeFileSync(path, questions.map(({ name, type }) => `${name} ${type}\n`).join(""));
}

function writeObjects(path: string, objects: readonly KubernetesObject[], format: "json" | "yaml"): void {
  const text =
    format === "json"
      ? JSON.stringify({ apiVersion: "v1", kind: "List", items: objects })
      : objects.map((object) => `---\n${formatYaml(object, "")}`).join("");
  writeFileSync(path, text);
}

/** Block style, as people write it; texts are quoted, as JSON is YAML. Each line is indented by `indent`. */
function formatYaml(value: object, indent: string): string {
  const lines = Array.isArray(value)
    ? value.map((item: unknown) =>
        isObject(item)
          ? `${indent}- ${formatYaml(item, `${indent}  `).trimStart()}`
          : `${indent}- ${JSON.stringify(item)}\n`,
      )
    : Object.entries(value).map(([key, item]: [string, unknown]) =>
        isObject(item)
          ? `${indent}${key}:\n${formatYaml(item, `${indent}  `)}`
          : `${indent}${key}: ${JSON.stringify(item)}\n`,
      );
  return lines.join("");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
