// The environment variables by which Kubernetes tells containers of services: host and ports of each, and those that
// container links once made (Kubernetes, "Accessing the Service"; pkg/kubelet/envvars). Pure; no I/O.
import type { Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";

/** Who is told: pods of `namespace`; without `enableServiceLinks` they hear of `default/kubernetes` only. */
export interface EnvironmentScope {
  readonly namespace: string;
  readonly enableServiceLinks: boolean;
}

/** Variables by name, in the order of their services' names, and a warning for each name that two services claim. */
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

/** One `NAME=value` a line: fit for a shell's `set -a` and for a container engine's env file. */
export function formatEnvironment(variables: ReadonlyMap<string, string>): string {
  return [...variables].map(([name, value]) => `${name}=${value}\n`).join("");
}

function visibleServices(services: Iterable<Service>, scope: EnvironmentScope): readonly Service[] {
  const byName = new Map<string, Service>();
  for (const service of services) {
    if (service.clusterIPs.length === 0) continue;
    const linked = service.namespace === scope.namespace && scope.enableServiceLinks;
    const apiServer = service.namespace === "default" && service.name === "kubernetes";
    // A service of the pod's own namespace that is called kubernetes hides the API server's.
    if (linked || (apiServer && !byName.has(service.name))) byName.set(service.name, service);
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
    message: `${name} is set for ${objectKey(first)} too, to another value`,
    advice: "a node takes either at random: rename one of the services, or look services up by DNS",
    object: objectKey(second),
    ...(second.place === undefined ? {} : { place: second.place }),
  };
}
