// The environment variables that Kubernetes sets in containers for services: host, ports, and the variables of
// container links (Kubernetes, "Accessing the Service"; pkg/kubelet/envvars). Pure.
import type { Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";

/** A pod's namespace; without `enableServiceLinks` the pod has variables for `default/kubernetes` only. */
export interface EnvironmentScope {
  readonly namespace: string;
  readonly enableServiceLinks: boolean;
}

/** The variables, sorted by the name of the service, and a warning for each name that two services set. */
export function serviceEnvironment(
  services: Iterable<Service>,
  scope: EnvironmentScope,
): { variables: ReadonlyMap<string, string>; warnings: readonly Problem[] } {
  const variables = new Map<string, string>();
  const owners = new Map<string, Service>();
  const warnings: Problem[] = [];
  for (const service of visibleServices(services, scope)) {
    for (const [name, value] of serviceVariables(service)) {
      const owner = owners.get(name);
      if (owner !== undefined && owner !== service && variables.get(name) !== value) {
        warnings.push(ambiguousVariable(name, owner, service));
      }
      variables.set(name, value);
      owners.set(name, service);
    }
  }
  return { variables, warnings };
}

/** One `NAME=value` per line, for the `set -a` of a shell and the env file of a container engine. */
export function formatEnvironment(variables: ReadonlyMap<string, string>): string {
  return [...variables].map(([name, value]) => `${name}=${value}\n`).join("");
}

function visibleServices(services: Iterable<Service>, scope: EnvironmentScope): readonly Service[] {
  const byName = new Map<string, Service>();
  for (const service of services) {
    if (service.clusterIPs.length === 0) continue;
    const isLinked = service.namespace === scope.namespace && scope.enableServiceLinks;
    const isApiServer = service.namespace === "default" && service.name === "kubernetes";
    // A service named kubernetes in the pod's namespace hides the service of the API server.
    if (isLinked || (isApiServer && !byName.has(service.name))) byName.set(service.name, service);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function* serviceVariables({ name, clusterIPs, ports }: Service): Generator<readonly [string, string]> {
  const prefix = variableName(name);
  const host = clusterIPs[0]!;
  yield [`${prefix}_SERVICE_HOST`, host];
  const first = ports[0];
  if (first === undefined) return;
  yield [`${prefix}_SERVICE_PORT`, `${first.port}`];
  for (const port of ports) {
    if (port.name !== "") yield [`${prefix}_SERVICE_PORT_${variableName(port.name)}`, `${port.port}`];
  }
  const hostInUrl = host.includes(":") ? `[${host}]` : host;
  for (const { protocol, port } of ports) {
    const scheme = protocol.toLowerCase();
    const url = `${scheme}://${hostInUrl}:${port}`;
    const portPrefix = `${prefix}_PORT_${port}_${protocol}`;
    if (port === first.port && protocol === first.protocol) yield [`${prefix}_PORT`, url];
    yield [portPrefix, url];
    yield [`${portPrefix}_PROTO`, scheme];
    yield [`${portPrefix}_PORT`, `${port}`];
    yield [`${portPrefix}_ADDR`, host];
  }
}

function variableName(text: string): string {
  return text.replaceAll("-", "_").toUpperCase();
}

function ambiguousVariable(name: string, first: Service, second: Service): Problem {
  return {
    code: "ambiguous-variable",
    severity: "warning",
    message: `${objectKey(first)} also sets ${name}, to another value`,
    advice: "a node picks one at random: rename one of the services, or use DNS",
    object: objectKey(second),
    ...(second.place === undefined ? {} : { place: second.place }),
  };
}
