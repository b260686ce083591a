// A service's slices → its ready endpoints, each address once, in an order that does not depend on how they came.
// Kubernetes: "EndpointSlices", conditions.
import type { EndpointPort, EndpointSlice } from "../objects/kube-object.ts";
import { assert } from "../std/assert.ts";
import { parseIp } from "../net/ip.ts";
import { endpointLabel } from "./cluster-names.ts";

export class ReadyEndpoint {
  /** `E` of the endpoint's own name. */
  readonly label: string;
  readonly addressText: string;
  readonly ports: readonly EndpointPort[];

  constructor(label: string, addressText: string, ports: readonly EndpointPort[]) {
    this.label = label;
    this.addressText = addressText;
    this.ports = ports;
  }

  /** 4 or 16 bytes. Read only where a record is made: most endpoints of a changed service are as they were. */
  get address(): Uint8Array {
    const address = parseIp(this.addressText);
    assert(address !== undefined, `an object holds an address that is none: ${this.addressText}`);
    return address;
  }
}

/** Two slices may repeat an endpoint: its ports are then those of both. */
export function readyEndpoints(slices: Iterable<EndpointSlice>, endpointPodNames: boolean): readonly ReadyEndpoint[] {
  const found = new Map<string, ReadyEndpoint>();
  for (const slice of [...slices].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const endpoint of slice.endpoints) {
      if (!endpoint.ready) continue;
      for (const addressText of endpoint.addresses) {
        const label = endpointLabel(endpoint, addressText, endpointPodNames);
        const key = `${label} ${addressText}`;
        const known = found.get(key);
        const ports = known === undefined ? slice.ports : [...known.ports, ...slice.ports];
        found.set(key, new ReadyEndpoint(label, addressText, ports));
      }
    }
  }
  const keys = [...found.keys()].sort();
  return keys.map((key) => found.get(key)!);
}
