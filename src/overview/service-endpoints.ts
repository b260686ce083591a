// The endpoints of a service over all its slices, for people: the addresses of one pod are one endpoint.
// Pure. Which endpoints answers have is decided in compile/.
import type { Registry } from "../cluster/registry.ts";
import type { EndpointPort, Service } from "../objects/kube-object.ts";

/** One endpoint of a service. */
export interface EndpointRow {
  readonly addresses: readonly string[];
  /** Whether answers have it. */
  readonly ready: boolean;
  readonly pod?: string;
  readonly hostname?: string;
  readonly ports: readonly EndpointPort[];
}

/** All endpoints, those that are not ready first, then by pod or address. */
export function serviceEndpoints(registry: Registry, { namespace, name }: Service): readonly EndpointRow[] {
  const rows = new Map<string, EndpointRow>();
  for (const slice of registry.slicesOf(namespace, name)) {
    for (const { addresses, ready, hostname, podName } of slice.endpoints) {
      const key = podName ?? addresses[0] ?? "";
      const known = rows.get(key);
      rows.set(key, {
        ...known,
        addresses: [...new Set([...(known?.addresses ?? []), ...addresses])].sort(),
        // As in answers: one slice that calls it ready is enough.
        ready: ready || known?.ready === true,
        ...(podName !== undefined && { pod: podName }),
        ...(hostname !== undefined && { hostname }),
        ports: known === undefined ? slice.ports : uniquePorts([...known.ports, ...slice.ports]),
      });
    }
  }
  const byKey = [...rows].sort(([a, { ready: isReady }], [b, { ready: isOtherReady }]) =>
    isReady === isOtherReady ? (a < b ? -1 : 1) : Number(isReady) - Number(isOtherReady),
  );
  return byKey.map(([, row]) => row);
}

/** Whether any endpoint is ready. */
export function hasReadyEndpoint(registry: Registry, { namespace, name }: Service): boolean {
  for (const slice of registry.slicesOf(namespace, name)) if (slice.endpoints.some(({ ready }) => ready)) return true;
  return false;
}

function uniquePorts(ports: readonly EndpointPort[]): readonly EndpointPort[] {
  return [...new Map(ports.map((port) => [`${port.name}/${port.protocol}/${port.port}`, port])).values()];
}
