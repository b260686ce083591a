// Builds Kubernetes objects for tests that need many of a kind, and starts a server with them.
import { serve, type Server, type ServeSettings } from "cluster-dns";
import type { Endpoint } from "./network.ts";

/** One endpoint of a slice. */
export interface SliceEndpoint {
  readonly address: string;
  readonly hostname?: string;
}

/** A Service with a cluster IP and one port, `http`/80. */
export function service(name: string, clusterIp: string): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { clusterIP: clusterIp, ports: [{ name: "http", port: 80 }] },
  };
}

/** A headless Service and its EndpointSlices, one a family. */
export function headless(name: string, endpoints: readonly SliceEndpoint[]): object[] {
  const slice = (addressType: "IPv4" | "IPv6"): object => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${addressType.toLowerCase()}`,
      namespace: "default",
      labels: { "kubernetes.io/service-name": name },
    },
    addressType,
    ports: [{ name: "http", port: 80 }],
    endpoints: endpoints
      .filter(({ address }) => address.includes(":") === (addressType === "IPv6"))
      .map(({ address, hostname }) => ({ addresses: [address], ...(hostname === undefined ? {} : { hostname }) })),
  });
  return [service(name, "None"), slice("IPv4"), slice("IPv6")];
}

/** `count` endpoints 10.244.X.Y from 10.244.1.1 on. */
export function manyEndpoints(count: number): SliceEndpoint[] {
  return Array.from({ length: count }, (_, n) => ({ address: `10.244.${1 + Math.floor(n / 250)}.${1 + (n % 250)}` }));
}

export interface RunningServer {
  readonly server: Server;
  readonly endpoint: Endpoint;
}

/** A server on loopback that is ready. */
export async function startServer(settings: ServeSettings): Promise<RunningServer> {
  const server = serve({ listen: "127.0.0.1:0", ...settings });
  const [endpoint] = await server.ready;
  if (endpoint === undefined) throw new Error("the server names no address");
  return { server, endpoint };
}
