// A small cluster to explain: services of each kind, pods that are ready and one that is not.
import { optionsFromSettings } from "../../src/config/settings.ts";
import { explain } from "../../src/explain/explain.ts";
import type { Explanation, ExplainQuestion } from "../../src/explain/explanation.ts";
import type { LocalView } from "../../src/explain/resolves.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import { loadObjects } from "./loaded-cluster.ts";

const NAMESPACE = "prod";

function serviceObject(name: string, spec: object, namespace = NAMESPACE): object {
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec };
}

function podObject(name: string, ip: string, isReady: boolean, spec: object = {}): object {
  const status = { phase: "Running", podIP: ip, conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: NAMESPACE, labels: { app: name.split("-")[0] } },
    spec,
    status,
  };
}

const PORT = { name: "http", port: 80 };
const OBJECTS = parseObjects(
  [
    serviceObject("web", { clusterIP: "10.96.0.20", ports: [PORT], selector: { app: "web" } }),
    serviceObject("node", { clusterIP: "10.96.0.21", ports: [PORT] }),
    serviceObject("cart", { clusterIP: "10.96.0.22", ports: [PORT] }, "shop"),
    serviceObject("db", { clusterIP: "None", ports: [{ name: "sql", port: 5432 }], selector: { app: "db" } }),
    serviceObject("idle", { clusterIP: "None", ports: [PORT], selector: { app: "idle" } }),
    serviceObject("mail", { type: "ExternalName", externalName: "mail.example.com" }),
    podObject("db-0", "10.244.0.5", true, { hostname: "db-0", subdomain: "db" }),
    podObject("db-1", "10.244.0.6", false),
    podObject("idle-0", "10.244.0.7", false),
  ] as never,
  "default",
);

/** The view of that cluster with these settings. */
export async function smallView(settings: Readonly<Record<string, unknown>> = {}): Promise<LocalView> {
  const options = optionsFromSettings(settings);
  return loadedView(await loadObjects(OBJECTS)([], options), options);
}

/** Throws where the question is at fault. */
export async function explained(
  question: ExplainQuestion,
  settings?: Readonly<Record<string, unknown>>,
): Promise<Explanation> {
  const explanation = await explain(await smallView(settings), question);
  if ("fault" in explanation) throw new Error(explanation.fault);
  return explanation;
}
