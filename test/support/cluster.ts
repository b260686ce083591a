// Builds Kubernetes objects for tests that need many of a kind, and starts a server with them.
import { startEngine } from "./engine.ts";
import type { Server, EngineSettings } from "./engine.ts";
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

/** What an API server takes in one slice. */
const SLICE_ENDPOINTS_MAX = 1_000;

/** A headless Service and its EndpointSlices. */
export function headless(name: string, endpoints: readonly SliceEndpoint[]): object[] {
  const slices = (addressType: "IPv4" | "IPv6"): object[] => {
    const own = endpoints.filter(({ address }) => address.includes(":") === (addressType === "IPv6"));
    return Array.from({ length: Math.ceil(own.length / SLICE_ENDPOINTS_MAX) }, (_, i) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${addressType.toLowerCase()}-${i}`,
        namespace: "default",
        labels: { "kubernetes.io/service-name": name },
      },
      addressType,
      ports: [{ name: "http", port: 80 }],
      endpoints: own
        .slice(i * SLICE_ENDPOINTS_MAX, (i + 1) * SLICE_ENDPOINTS_MAX)
        .map(({ address, hostname }) => ({ addresses: [address], ...(hostname === undefined ? {} : { hostname }) })),
    }));
  };
  return [service(name, "None"), ...slices("IPv4"), ...slices("IPv6")];
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
export async function startServer(settings: EngineSettings): Promise<RunningServer> {
  const server = startEngine({ listen: "127.0.0.1:0", ...settings });
  const [endpoint] = await server.ready;
  if (endpoint === undefined) throw new Error("the server names no address");
  return { server, endpoint };
}
