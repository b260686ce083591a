// What an explanation tells of pods: those that somebody asks for by their names or addresses, and why a selector has
// none. A sentence each, without a full stop. Pure.
import type { Registry } from "../cluster/registry.ts";
import { isOver, objectKey } from "../objects/kube-object.ts";
import type { KubeObject, Labels, Pod, Service, Workload } from "../objects/kube-object.ts";
import type { ExplainedCluster } from "./explain-view.ts";

const SHOWN_MAX = 5;

/** Of a name that no service has, and that a pod may have. */
export function podNameHints(
  name: string,
  namespace: string,
  { registry, domain }: ExplainedCluster,
): readonly string[] {
  const pod = registry.pod(namespace, name);
  if (pod === undefined) return [];
  const { hostname, subdomain } = pod;
  const isNamed =
    hostname !== undefined && subdomain !== undefined && registry.service(namespace, subdomain)?.headless === true;
  return [
    isNamed
      ? `pod ${name} has the name ${hostname}.${subdomain}.${namespace}.svc.${domain}`
      : `pod ${name} has no name of its own: a headless service, and its hostname and subdomain give it one`,
  ];
}

/** Of an address without a reverse name. */
export function podAddressHints(address: string, { registry }: ExplainedCluster): readonly string[] {
  const pods = objectsOf<Pod>(registry, (object) => object.kind === "Pod" && object.ips.includes(address));
  return pods
    .filter((pod) => !isOver(pod))
    .slice(0, SHOWN_MAX)
    .map(
      (pod) => `${objectKey(pod)} has the address: pods have reverse names as ready endpoints of a headless service`,
    );
}

/** Of a service whose selector matches no pod of its namespace. */
export function noPodHints({ namespace, selector }: Service, { registry }: ExplainedCluster): readonly string[] {
  if (selector === undefined) return [];
  const text = [...selector].map(([key, value]) => `${key}=${value}`).join(", ");
  const idle = objectsOf<Workload>(
    registry,
    (object) =>
      object.kind === "Workload" && object.namespace === namespace && matches(object.template.labels, selector),
  );
  const elsewhere = [...registry.namespaces()]
    .toSorted()
    .filter((each) => each !== namespace)
    .flatMap((each) => [...registry.podsSelectedBy(each, selector)]);
  return [
    `no pod of namespace ${namespace} has ${text}`,
    ...idle.slice(0, SHOWN_MAX).map((object) => `${objectKey(object)} has ${text}, and ${object.replicas} replicas`),
    ...elsewhere
      .slice(0, SHOWN_MAX)
      .map((pod) => `${objectKey(pod)} has ${text}: a selector matches pods of its own namespace only`),
  ];
}

function matches(labels: Labels, selector: Labels): boolean {
  return [...selector].every(([key, value]) => labels.get(key) === value);
}

function objectsOf<T extends KubeObject>(registry: Registry, isWanted: (object: KubeObject) => boolean): readonly T[] {
  return [...registry.objects()].filter((object): object is T => isWanted(object));
}
