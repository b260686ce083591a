// Rules for service selectors that match no pod, and for named target ports that no container has. Pure.
// Kubernetes: "Service", defining a service; a selector matches only pods in the namespace of the service.
import type { Inactive, Labels, OtherObject, Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import { editDistance } from "../std/nearest.ts";
import { selectsPodsOf } from "./custom-resources.ts";
import { SYSTEM_NAMESPACES } from "./external-name-rules.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** Services whose selector matches no pod of their namespace. */
export function findUnmatchedSelectors(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!view.hasOnlySelectedEndpoints(service) || view.selected(service.namespace, service.selector).length > 0)
      return [];
    return [unmatchedSelector(view, service)];
  });
}

function unmatchedSelector(view: DiagnosticView, service: Service & { readonly selector: Labels }): Finding {
  const { namespace, selector } = service;
  const found = (code: Parameters<typeof finding>[0], message: string, advice: string): Finding =>
    finding(code, service, ["spec", "selector"], { message, advice });
  const labels = formatLabels(selector);
  const custom = view.operatorResourcesIn(namespace).find((resource) => selectsPodsOf(resource, selector));
  if (custom !== undefined) {
    const message = `no pod has ${labels}, but an operator may create such pods for ${customResource(custom)}`;
    return found("selector-unseen-pods", message, `add the pods to the manifests, or ${SET_ADDRESSES}`);
  }
  const elsewhere = view.selectedAnywhere(selector)[0];
  if (elsewhere !== undefined) {
    const message = `no pod of namespace ${namespace} has ${labels}, but ${describe(elsewhere)} does`;
    return found(
      "selector-other-namespace",
      message,
      "put both into one namespace; a selector matches only pods of its own namespace",
    );
  }
  const present = view.podSourcesIn(namespace);
  const near = nearestSource(present, selector);
  if (view.hasUnusedPods(namespace) && !isLike(near, selector)) {
    const unseen = `no pod of namespace ${namespace} has ${labels}, but objects there are not used, for their errors`;
    return found("selector-unseen-pods", unseen, "correct the errors of the pods and workloads first");
  }
  if (present.length === 0) {
    const message = `the manifests have no pods in namespace ${namespace}, so none has ${labels}`;
    return found("selector-unseen-pods", message, `add the files of the pods, or ${SET_ADDRESSES}`);
  }
  const message = `no pod of namespace ${namespace} has ${labels}`;
  if (namespace !== "default" && SYSTEM_NAMESPACES.has(namespace) && !isLike(near, selector)) {
    const unseen = `${message} in the manifests, but a cluster has pods of its own there`;
    return found("selector-unseen-pods", unseen, `add the files of the pods, or ${SET_ADDRESSES}`);
  }
  if (near === undefined) return found("selector-no-pods", message, "use labels that the pods have");
  return found("selector-no-pods", message, `${describe(near)} comes closest: ${differingLabels(near, selector)}`);
}

const SET_ADDRESSES = "set their addresses in the annotation cluster-dns/addresses";

const WHY_IDLE: Readonly<Record<Inactive | "job", string>> = {
  hook: "a hook",
  scheduled: "a CronJob",
  suspended: "suspended",
  finished: "finished",
  job: "a Job",
};

/** Services whose selector matches pods that do not run; a hint if it matches others too. */
export function findIdlePods(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!view.hasOnlySelectedEndpoints(service)) return [];
    const sources = new Map(
      view.selected(service.namespace, service.selector).map(({ object }) => [object, describeIdle(object)]),
    );
    const running = [...sources.values()].filter((idle) => idle === undefined).length;
    // A Job runs for a while, so it counts if nothing else does.
    const idle = [...sources].filter(
      ([object, text]) => text !== undefined && (running > 0 || object.inactive !== undefined),
    );
    if (idle.length === 0 || (running === 0 && idle.length < sources.size)) return [];
    const shown =
      idle
        .slice(0, IDLE_SHOWN_MAX)
        .map(([, text]) => text)
        .join(", ") + (idle.length > IDLE_SHOWN_MAX ? ", …" : "");
    const text =
      running === 0
        ? {
            message: `the selector matches only pods that do not run: ${shown}`,
            advice: "use labels of pods that run",
          }
        : {
            severity: "hint" as const,
            message: `the selector also matches pods that do not run, and are no endpoints: ${shown}`,
            advice: "give them other labels; in a cluster they become endpoints while they run",
          };
    return [finding("selector-idle-pods", service, ["spec", "selector"], text)];
  });
}

const IDLE_SHOWN_MAX = 3;

function describeIdle(object: PodSource["object"]): string | undefined {
  const why = object.inactive ?? (object.kind === "Workload" && object.workloadKind === "Job" ? "job" : undefined);
  return why === undefined ? undefined : `${objectKey(object)} (${WHY_IDLE[why]})`;
}

/** Named target ports that none of the selected pods has. A port that some of the pods have is no fault. */
export function findMissingTargetPorts(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!view.hasOnlySelectedEndpoints(service)) return [];
    const pods = view.selected(service.namespace, service.selector);
    // Only the operator knows all ports of the pods that it makes.
    if (pods.length === 0 || pods.some(({ object }) => object.kind === "Workload" && object.maker)) return [];
    return service.ports.flatMap(({ targetPort, protocol }, index) => {
      if (typeof targetPort === "number") return [];
      const namesakes = pods.flatMap(({ spec }) => spec.namedPorts.filter(({ name }) => name === targetPort));
      if (namesakes.some((port) => port.protocol === protocol)) return [];
      const actual = [...new Set(namesakes.map((port) => port.protocol))].join(" and ");
      const text =
        actual === ""
          ? {
              message: `no container of the selected pods has a port named ${targetPort}`,
              advice: availablePorts(pods),
            }
          : {
              message: `the container port ${targetPort} has protocol ${actual}, but the service port has ${protocol}`,
              advice: "give both the same protocol",
            };
      return [finding("target-port-missing", service, ["spec", "ports", index, "targetPort"], text)];
    });
  });
}

const PORTS_SHOWN_MAX = 5;

function availablePorts(pods: readonly PodSource[]): string {
  const names = [...new Set(pods.flatMap(({ spec }) => spec.namedPorts.map(({ name }) => name)))].sort();
  const where = describe(pods[0]!);
  if (names.length === 0) return `name a port of ${where}, or use a port number`;
  const more = names.length > PORTS_SHOWN_MAX ? ", …" : "";
  return `use one of ${names.slice(0, PORTS_SHOWN_MAX).join(", ")}${more} (${where}), or a port number`;
}

function customResource({ otherKind, namespace, name }: OtherObject): string {
  return `${otherKind} ${namespace}/${name}`;
}

function describe({ object }: PodSource): string {
  return objectKey(object);
}

function formatLabels(labels: Labels): string {
  return [...labels].map(([key, value]) => `${key}=${value}`).join(",");
}

/** The score of a label with another value. */
const SAME_KEY = 0.01;
/** More pods than these are not compared letter by letter. */
const COMPARED_MAX = 500;

/** The pods whose labels are most like the selector: equal pairs count most, then values and keys of few edits. */
function nearestSource(sources: readonly PodSource[], selector: Labels): PodSource | undefined {
  let best: PodSource | undefined;
  let bestScore = 0;
  for (const [index, source] of sources.entries()) {
    let score = 0;
    for (const [key, value] of selector) score += pairScore(source.labels, key, value, index < COMPARED_MAX);
    if (score > bestScore) [best, bestScore] = [source, score];
  }
  return best;
}

/** Whether each pair of the selector is like one of the labels. */
function isLike(source: PodSource | undefined, selector: Labels): boolean {
  return (
    source !== undefined && [...selector].every(([key, value]) => pairScore(source.labels, key, value, true) > SAME_KEY)
  );
}

function pairScore(labels: Labels, key: string, value: string, isCompared: boolean): number {
  const present = labels.get(key);
  if (present === value) return 1;
  const other = isCompared ? [...labels].find(([name, text]) => text === value && likeness(name, key) > 0) : undefined;
  const byKey = other === undefined ? 0 : likeness(other[0], key);
  if (present === undefined) return byKey;
  return Math.max(byKey, isCompared ? likeness(present, value) : 0, SAME_KEY);
}

/** From 0 to 0.9: how few edits lead from one text to the other; 0 if more than a third of the letters differ. */
function likeness(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const limit = Math.max(1, Math.ceil(length / 3));
  if (Math.abs(a.length - b.length) > limit) return 0;
  const distance = editDistance(a, b);
  return distance > limit ? 0 : 0.9 * (1 - distance / (length + 1));
}

function differingLabels({ labels }: PodSource, selector: Labels): string {
  const differing = [...selector].filter(([key, value]) => labels.get(key) !== value);
  return differing
    .map(([key, value]) => {
      if (labels.has(key)) return `it has ${key}=${labels.get(key)}`;
      const other = [...labels].find(([name, text]) => text === value && likeness(name, key) > 0);
      return other === undefined ? `it lacks ${key}` : `it has ${other[0]}=${value}`;
    })
    .join(", ");
}
