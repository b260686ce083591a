// The names of the cluster zone (Kubernetes DNS-Based Service Discovery 1.1.0). The only place that knows how objects
// are named in DNS. All names are in wire form, in lower case.
import { NAME_SIZE_MAX, parseName, lowerName, prependLabels } from "../dns/name.ts";
import { addressLabel } from "../net/address-label.ts";
import type { Endpoint, Protocol, Service } from "../objects/kube-object.ts";
import { assert } from "../std/assert.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether the name is within the limit of DNS; an object whose name is not gets no records. */
export function fits(name: Uint8Array): boolean {
  return name.length <= NAME_SIZE_MAX;
}

export class ClusterNames {
  /** `Z`, the cluster domain. */
  readonly apex: Uint8Array;
  readonly dnsVersion: Uint8Array;
  readonly nameserver: Uint8Array;
  readonly hostmaster: Uint8Array;
  readonly services: Uint8Array;
  readonly pods: Uint8Array;

  constructor(clusterDomain: string) {
    const apex = parseName(clusterDomain);
    assert(apex !== undefined, `the cluster domain is no name: ${clusterDomain}`);
    this.apex = lowerName(apex);
    this.dnsVersion = prependLabels(["dns-version"], this.apex);
    this.nameserver = prependLabels(["ns", "dns"], this.apex);
    this.hostmaster = prependLabels(["hostmaster"], this.apex);
    this.services = prependLabels(["svc"], this.apex);
    this.pods = prependLabels(["pod"], this.apex);
  }

  /** `N.svc.Z` */
  servicesOf(namespace: string): Uint8Array {
    return prependLabels([namespace], this.services);
  }

  /** `N.pod.Z` */
  podsOf(namespace: string): Uint8Array {
    return prependLabels([namespace], this.pods);
  }

  /** `S.N.svc.Z` */
  service(service: Service): Uint8Array {
    return prependLabels([service.name, service.namespace], this.services);
  }

  /** The hidden name of a known pod address: one label with the address's bytes, below `N.pod.Z`. */
  knownAddress(namespace: string, address: Uint8Array): Uint8Array {
    const parent = this.podsOf(namespace);
    const name = new Uint8Array(1 + address.length + parent.length);
    name[0] = address.length;
    name.set(address, 1);
    name.set(parent, 1 + address.length);
    return name;
  }
}

/** `_P._proto` */
export function portLabels(portName: string, protocol: Protocol): readonly [string, string] {
  return [`_${portName}`, `_${protocol.toLowerCase()}`];
}

/** `E`: the endpoint's hostname; by option its pod's name; else its address with `-` for `.` and `:`. */
export function endpointLabel(endpoint: Endpoint, address: string, endpointPodNames: boolean): string {
  if (endpoint.hostname !== undefined) return endpoint.hostname.toLowerCase();
  if (endpointPodNames && endpoint.podName !== undefined && LABEL.test(endpoint.podName)) return endpoint.podName;
  return addressLabel(address);
}
