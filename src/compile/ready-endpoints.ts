// The ready endpoints in a service's slices, without duplicates, in an order independent of that of the slices.
// Kubernetes: "EndpointSlices", conditions.
import type { EndpointPort, EndpointSlice } from "../objects/kube-object.ts";
import { assert } from "../std/assert.ts";
import { parseIp } from "../net/ip.ts";
import { endpointLabel } from "./cluster-names.ts";

const ROOT = new Uint8Array(1);

export class ReadyEndpoint {
  /** The service's owner name. */
  readonly owner: Uint8Array;
  /** The label `E` of the endpoint's own name. */
  readonly label: string;
  readonly addressText: string;
  readonly ports: readonly EndpointPort[];

  constructor(owner: Uint8Array, label: string, addressText: string, ports: readonly EndpointPort[]) {
    this.owner = owner;
    this.label = label;
    this.addressText = addressText;
    this.ports = ports;
  }

  /** The same text for endpoints of a service with the same records. */
  get key(): string {
    return `${this.label} ${this.addressText} ${portsKey(this.ports)}`;
  }

  /** 4 or 16 bytes. Parsed only for a record: most endpoints of a changed service are unchanged. */
  get address(): Uint8Array {
    const address = parseIp(this.addressText);
    assert(address !== undefined, `an object has an invalid address: ${this.addressText}`);
    return address;
  }
}

/** The ready endpoints of the slices of a service. An endpoint that two slices repeat has the ports of both. */
export function readyEndpoints(
  slices: Iterable<EndpointSlice>,
  endpointPodNames: boolean,
  owner: Uint8Array = ROOT,
): readonly ReadyEndpoint[] {
  const all: ReadyEndpoint[] = [];
  for (const slice of [...slices].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const endpoint of slice.endpoints) {
      if (!endpoint.ready) continue;
      for (const addressText of endpoint.addresses) {
        const label = endpointLabel(endpoint, addressText, endpointPodNames);
        all.push(new ReadyEndpoint(owner, label, addressText, slice.ports));
      }
    }
  }
  // Stable: of one endpoint, the ports stay in the order of the slices.
  all.sort(compare);
  // A copy has no room to grow, which a list that has grown keeps.
  if (all.every((endpoint, i) => i === 0 || compare(all[i - 1]!, endpoint) !== 0)) return all.slice();
  const distinct: ReadyEndpoint[] = [];
  for (const endpoint of all) {
    const last = distinct.at(-1);
    if (last === undefined || compare(last, endpoint) !== 0) distinct.push(endpoint);
    else {
      const ports = [...last.ports, ...endpoint.ports];
      distinct[distinct.length - 1] = new ReadyEndpoint(owner, last.label, last.addressText, ports);
    }
  }
  return distinct;
}

/** The endpoints of a service that are not ready. */
export interface NotReadyEndpoints {
  /** How many pods, or addresses without a pod. */
  readonly count: number;
  /** The labels that they would have, without those of ready ones; sorted. */
  readonly labels: readonly string[];
}

export const NONE_NOT_READY: NotReadyEndpoints = { count: 0, labels: [] };

/** The endpoints of the slices that are not ready; `ready`: those that are. */
export function notReadyEndpoints(
  slices: Iterable<EndpointSlice>,
  endpointPodNames: boolean,
  ready: readonly ReadyEndpoint[],
): NotReadyEndpoints {
  const targets = new Set<string>();
  const labels = new Set<string>();
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      if (endpoint.ready) continue;
      targets.add(endpoint.podName ?? endpoint.addresses[0] ?? "");
      for (const address of endpoint.addresses) labels.add(endpointLabel(endpoint, address, endpointPodNames));
    }
  }
  if (targets.size === 0) return NONE_NOT_READY;
  for (const { label } of ready) labels.delete(label);
  return { count: targets.size, labels: [...labels].toSorted() };
}

function compare(a: ReadyEndpoint, b: ReadyEndpoint): number {
  if (a.label !== b.label) return a.label < b.label ? -1 : 1;
  if (a.addressText === b.addressText) return 0;
  return a.addressText < b.addressText ? -1 : 1;
}

/** The same text for ports that make the same records. */
export function portsKey(ports: readonly EndpointPort[]): string {
  let key = "";
  for (const { name, protocol, port } of ports) key += `${name}/${protocol}/${port} `;
  return key;
}
