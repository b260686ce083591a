// The ready endpoints in a service's slices, without duplicates, in an order independent of that of the slices.
// Kubernetes: "EndpointSlices", conditions.
import type { EndpointPort, EndpointSlice } from "../objects/kube-object.ts";
import { assert } from "../std/assert.ts";
import { parseIp } from "../net/ip.ts";
import { endpointLabel } from "./cluster-names.ts";

export class ReadyEndpoint {
  /** The label `E` of the endpoint's own name. */
  readonly label: string;
  readonly addressText: string;
  readonly ports: readonly EndpointPort[];

  constructor(label: string, addressText: string, ports: readonly EndpointPort[]) {
    this.label = label;
    this.addressText = addressText;
    this.ports = ports;
  }

  /** 4 or 16 bytes. Parsed only for a record: most endpoints of a changed service are unchanged. */
  get address(): Uint8Array {
    const address = parseIp(this.addressText);
    assert(address !== undefined, `an object has an invalid address: ${this.addressText}`);
    return address;
  }
}

/** The ready endpoints of the slices. An endpoint that two slices repeat has the ports of both. */
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
