// The names of a cluster that somebody may have meant by one that it does not have: a letter is wrong, the service is
// in another namespace, service and namespace are swapped, `svc` is missing. Pure; takes milliseconds with ten thousand
// services.
import { nearest } from "../std/nearest.ts";
import type { ExplainedCluster } from "./explain-view.ts";

/** The nearest service as text: its name, with its namespace if that is another one. */
export function nearestService(namespace: string, name: string, cluster: ExplainedCluster): string | undefined {
  const elsewhere = namespacesWith(name, cluster);
  if (elsewhere.length > 0) return `${name} in namespace ${nearestOf(namespace, elsewhere) ?? elsewhere[0]}`;
  const own: string[] = [];
  for (const service of cluster.registry.services()) if (service.namespace === namespace) own.push(service.name);
  return nearestOf(name, own.toSorted());
}

/** The nearest namespace as text; where a service of the name is in the namespace `name`, that service. */
export function nearestNamespace(
  namespace: string,
  service: string | undefined,
  cluster: ExplainedCluster,
): string | undefined {
  const { registry } = cluster;
  if (service !== undefined && registry.service(service, namespace) !== undefined)
    return `service ${namespace} in namespace ${service}`;
  const namespaces = [...registry.namespaces()].toSorted();
  const having = service === undefined ? [] : namespacesWith(service, cluster);
  return nearestOf(namespace, having) ?? nearestOf(namespace, namespaces) ?? having[0];
}

/** The namespaces that have a service of this name. */
export function namespacesWith(name: string, { registry }: ExplainedCluster): readonly string[] {
  return [...registry.namespaces()].filter((namespace) => registry.service(namespace, name) !== undefined).toSorted();
}

/** The whole name of the service that is meant by `SERVICE.NAMESPACE` at the end of labels, without `svc`. */
export function wholeNameOf(labels: readonly string[], { registry, domain }: ExplainedCluster): string | undefined {
  const [service, namespace] = labels.slice(-2);
  if (namespace === undefined || registry.service(namespace, service!) === undefined) return undefined;
  // The name of a port is kept; whether an endpoint exists is another question.
  const named = labels.slice(0, -2).every((label) => label.startsWith("_")) ? labels : [service, namespace];
  return [...named, "svc", domain].join(".");
}

/** As `nearest`, without the words whose length alone is too far from it. */
export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  return nearest(
    word,
    candidates.filter(
      (each) =>
        each !== word && Math.abs(each.length - word.length) <= Math.ceil(Math.max(each.length, word.length) / 3),
    ),
  );
}
