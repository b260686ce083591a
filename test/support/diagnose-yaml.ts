// Runs the rules on manifests written in a test: parsed, with what the controllers make of them. Every manifest has to
// be valid by itself, so that what is found is found by the rules.
import { Cluster } from "../../src/cluster/cluster.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { diagnose } from "../../src/diagnostics/diagnose.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { findUnresolvedNames } from "../../src/diagnostics/name-rules.ts";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";
import { parseCidr } from "../../src/net/ip.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { nameAsker } from "../../src/planes/name-asker.ts";
import { replace } from "./core/origins.ts";
import { loadObjects } from "./loaded-cluster.ts";

/** The findings on the documents, sorted, each as `code Kind namespace/name path.to.field`. */
export function diagnoseYaml(...documents: readonly string[]): string[] {
  return findingsOf(documents).map(({ code, object, path }) => `${code} ${object} ${path.join(".")}`);
}

/** The findings' messages and advice, sorted as those of `diagnoseYaml`. */
export function adviceOfYaml(...documents: readonly string[]): string[] {
  return findingsOf(documents).map(({ message, advice }) => `${message}; ${advice}`);
}

/** The findings' severities, sorted as those of `diagnoseYaml`. */
export function severitiesOfYaml(...documents: readonly string[]): string[] {
  return findingsOf(documents).map(({ severity }) => severity);
}

/** The findings of the rule that starts from the answer, which comes after the others; as those of `diagnoseYaml`. */
export async function unresolvedOfYaml(...documents: readonly string[]): Promise<readonly Finding[]> {
  const { view, objects } = viewOf(documents);
  const options = optionsFromSettings({});
  const ask = nameAsker(await loadObjects(objects)([], options), options);
  return findUnresolvedNames(view, diagnose(view), ask);
}

/** What the rules see of the documents. */
export function viewOfYaml(...documents: readonly string[]): DiagnosticView {
  return viewOf(documents).view;
}

function findingsOf(documents: readonly string[]): Finding[] {
  const key = ({ code, object }: Finding): string => `${code} ${object}`;
  return diagnose(viewOf(documents).view).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function viewOf(documents: readonly string[]): {
  readonly view: DiagnosticView;
  readonly objects: readonly KubeObject[];
} {
  const context = { file: "a.yaml", namespace: "shop", takesNotes: true };
  const parsed = parseManifest(documents.join("\n---\n"), context);
  const errors = parsed.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const cluster = new Cluster({
    serviceCidrs: [parseCidr("10.96.0.0/12")!],
    podCidrs: [parseCidr("10.244.0.0/16")!],
    simulatePods: true,
    clusterServices: true,
  });
  cluster.apply([replace(parsed.objects)]);
  const { references, askingForPods } = parsed.notes!;
  const input = { references, askingForPods: new Set(askingForPods) };
  const view = new DiagnosticView(cluster.registry, { clusterDomain: "cluster.local" }, input);
  return { view, objects: parsed.objects };
}

/** `name` or `namespace/name` to a flow mapping of metadata; without a namespace it is `shop`. */
function metadata(path: string, more = ""): string {
  const [namespace, name] = path.includes("/") ? path.split("/") : ["shop", path];
  return `metadata: { name: ${name}, namespace: ${namespace}${more} }`;
}

/** A service with the fields of `spec`, in flow style, and with a port if it needs one. */
export function serviceYaml(path: string, spec: string): string {
  const needsPort = !/ports:|clusterIP: None|ExternalName/.test(spec);
  const fields = [spec, ...(needsPort ? ["ports: [{ port: 80 }]"] : [])].filter((part) => part !== "");
  return `apiVersion: v1\nkind: Service\n${metadata(path)}\nspec: { ${fields.join(", ")} }`;
}

/** A headless service that selects `app: APP`. */
export function headlessYaml(path: string, app: string): string {
  return serviceYaml(path, `clusterIP: None, selector: { app: ${app} }`);
}

/** A pod labelled `app: APP` with an address, and the fields of `spec`. */
export function podYaml(path: string, app: string, spec = ""): string {
  const status = "status: { podIP: 10.244.0.9, phase: Running, conditions: [{ type: Ready, status: 'True' }] }";
  return `apiVersion: v1\nkind: Pod\n${metadata(path, `, labels: { app: ${app} }`)}\nspec: { containers: [{ name: c, image: c }], ${spec} }\n${status}`;
}

/** A workload of apps/v1 whose pods have the label `app: APP` and the fields of `spec`. */
export function workloadYaml(kind: string, path: string, app: string, podSpec = "", more = ""): string {
  const template = `template: { metadata: { labels: { app: ${app} } }, spec: { containers: [{ name: c, image: c }], ${podSpec} } }`;
  return `apiVersion: apps/v1\nkind: ${kind}\n${metadata(path)}\nspec: { selector: { matchLabels: { app: ${app} } }, ${template}, ${more} }`;
}

/** A StatefulSet of that serviceName whose pods have the label `app: APP`. */
export function statefulSetYaml(path: string, app: string, serviceName: string): string {
  return workloadYaml("StatefulSet", path, app, "", `serviceName: ${serviceName}`);
}

/** An object of any other kind, without a spec. */
export function otherYaml(apiVersion: string, kind: string, path: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\n${metadata(path)}`;
}
