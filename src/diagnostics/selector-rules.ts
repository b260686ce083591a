// Selectors of services that match nothing, and named target ports that nothing listens on. Pure.
// Kubernetes: "Service", defining a service; a selector looks at pods of the service's own namespace only.
import type { Labels, OtherObject, Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** A selector that matches no pod of its namespace. */
export function findIdleSelectors(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!view.isLedBySelector(service) || view.selected(service.namespace, service.selector).length > 0) return [];
    return [idleSelector(view, service)];
  });
}

function idleSelector(view: DiagnosticView, service: Service & { readonly selector: Labels }): Finding {
  const { namespace, selector } = service;
  const found = (code: Parameters<typeof finding>[0], message: string, advice: string): Finding =>
    finding(code, service, ["spec", "selector"], { message, advice });
  const labels = formatLabels(selector);
  const maker = view.customResourcesIn(namespace).find(({ name }) => [...selector.values()].includes(name));
  if (maker !== undefined) {
    const message = `no pod has ${labels}; ${customResource(maker)} may stand for pods that an operator makes`;
    return found("selector-unseen-pods", message, `give the pods as well, or ${GIVE_ADDRESSES}`);
  }
  const elsewhere = view.selectedAnywhere(selector)[0];
  if (elsewhere !== undefined) {
    const message = `no pod of namespace ${namespace} has ${labels}, but ${describe(elsewhere)} has`;
    return found("selector-other-namespace", message, "put both into one namespace; a selector sees only its own");
  }
  const present = view.podSourcesIn(namespace);
  if (present.length === 0) {
    const message = `nothing in the manifests makes pods in namespace ${namespace}, so that none has ${labels}`;
    return found("selector-unseen-pods", message, `name the files of the pods as well, or ${GIVE_ADDRESSES}`);
  }
  const near = nearestSource(present, selector);
  const message = `no pod of namespace ${namespace} has ${labels}`;
  if (near === undefined) return found("selector-no-pods", message, "write labels that the pods have");
  return found("selector-no-pods", message, `${describe(near)} comes nearest: ${differingLabels(near, selector)}`);
}

const GIVE_ADDRESSES = "write their addresses into the annotation cluster-dns/addresses";

/** A named targetPort that none of the selected pods has; where some have it, the others only lack that port. */
export function findMissingTargetPorts(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    if (!view.isLedBySelector(service)) return [];
    const pods = view.selected(service.namespace, service.selector);
    if (pods.length === 0) return [];
    return service.ports.flatMap(({ targetPort, protocol }, index) => {
      if (typeof targetPort === "number") return [];
      const namesakes = pods.flatMap(({ spec }) => spec.namedPorts.filter(({ name }) => name === targetPort));
      if (namesakes.some((port) => port.protocol === protocol)) return [];
      const others = [...new Set(namesakes.map((port) => port.protocol))].join(" and ");
      const text =
        others === ""
          ? { message: `no container has a port named ${targetPort}`, advice: availablePorts(pods) }
          : {
              message: `the container port ${targetPort} is ${others}, and the service's port is ${protocol}`,
              advice: "give both the same protocol",
            };
      return [finding("target-port-missing", service, ["spec", "ports", index, "targetPort"], text)];
    });
  });
}

const MAX_SHOWN = 5;

function availablePorts(pods: readonly PodSource[]): string {
  const names = [...new Set(pods.flatMap(({ spec }) => spec.namedPorts.map(({ name }) => name)))].sort();
  const where = describe(pods[0]!);
  if (names.length === 0) return `name a port of ${where}, or write the port's number`;
  const more = names.length > MAX_SHOWN ? ", …" : "";
  return `write one of ${names.slice(0, MAX_SHOWN).join(", ")}${more} (${where}), or the port's number`;
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

/** The pods with the most pairs of the selector; undefined when none has any. */
function nearestSource(sources: readonly PodSource[], selector: Labels): PodSource | undefined {
  let best: PodSource | undefined;
  let bestCount = 0;
  for (const source of sources) {
    let count = 0;
    for (const [key, value] of selector) if (source.labels.get(key) === value) count++;
    if (count > bestCount) [best, bestCount] = [source, count];
  }
  // A near miss of a selector of one pair shares its key.
  return best ?? sources.find(({ labels }) => [...selector.keys()].some((key) => labels.has(key)));
}

function differingLabels({ labels }: PodSource, selector: Labels): string {
  const differing = [...selector].filter(([key, value]) => labels.get(key) !== value);
  return differing
    .map(([key]) => (labels.has(key) ? `it has ${key}=${labels.get(key)}` : `it lacks ${key}`))
    .join(", ");
}
