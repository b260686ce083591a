// A service as a line of a list: its type, addresses, ports and endpoints, and the file that has it.
// Pure. The same value is shown as text, as HTML and as JSON.
import type { Registry } from "../cluster/registry.ts";
import type { Protocol, Service } from "../objects/kube-object.ts";
import { serviceEndpoints } from "./service-endpoints.ts";

/** A cluster that a server answers for. */
export interface ClusterObjects {
  readonly domain: string;
  readonly registry: Registry;
}

/** A service of the list. */
export interface ServiceRow {
  /** The domain of its cluster. */
  readonly domain: string;
  readonly namespace: string;
  readonly name: string;
  /** `Headless` stands for the type of a service with `clusterIP: None`. */
  readonly type: Service["type"] | "Headless";
  /** The cluster IPs; empty for headless and ExternalName services. */
  readonly addresses: readonly string[];
  /** Only of ExternalName services. */
  readonly externalName?: string;
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
  /** Endpoints that are ready, and all endpoints; a pod with two addresses is one. */
  readonly endpoints: { readonly ready: number; readonly total: number };
  /** The file that has it, and the line. */
  readonly file?: string;
  readonly line?: number;
}

export function serviceRow({ domain, registry }: ClusterObjects, service: Service): ServiceRow {
  const { namespace, name, clusterIPs: addresses, externalName, place } = service;
  const endpoints = serviceEndpoints(registry, service);
  return {
    domain,
    namespace,
    name,
    type: service.headless ? "Headless" : service.type,
    addresses,
    ...(service.type === "ExternalName" && { externalName: externalName ?? "" }),
    ports: service.ports.map((port) => ({ name: port.name, protocol: port.protocol, port: port.port })),
    endpoints: { ready: endpoints.filter(({ ready }) => ready).length, total: endpoints.length },
    ...(place && { file: place.file, line: place.line }),
  };
}
