// The controllers that stand in for a cluster's own where there are manifests and no cluster, in the order in which
// they build on each other: workloads make pods, services get addresses, and both make endpoints.
import type { IpFamily } from "../../objects/kube-object.ts";
import type { Registry } from "../registry.ts";
import type { Cidr } from "../../net/ip.ts";
import { ClusterIpController } from "./cluster-ip-controller.ts";
import { ControlLoop } from "./control-loop.ts";
import { EndpointController } from "./endpoint-controller.ts";
import { WorkloadController } from "./workload-controller.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

/** Addresses that were given out, by `namespace/name`. */
export interface Allocations {
  readonly clusterIps: Addresses;
  readonly podIps: Addresses;
}

export interface ManifestControllers {
  readonly loop: ControlLoop;
  /** All that is given out now, to be remembered for the next run. */
  allocations(): Allocations;
}

/** `remembered`: what an earlier run gave out, and this one keeps. */
export function manifestControllers(
  registry: Registry,
  settings: {
    readonly serviceCidrs: readonly Cidr[];
    readonly podCidrs: readonly Cidr[];
    readonly simulatePods: boolean;
  },
  remembered?: Allocations,
): ManifestControllers {
  const { serviceCidrs, podCidrs, simulatePods } = settings;
  const families = new Set(serviceCidrs.map(({ bytes }): IpFamily => (bytes.length === 4 ? "IPv4" : "IPv6")));
  const workloads = simulatePods ? [new WorkloadController(registry, podCidrs, remembered?.podIps)] : [];
  const clusterIps = new ClusterIpController(registry, serviceCidrs, remembered?.clusterIps);
  const loop = new ControlLoop(registry, [...workloads, clusterIps, new EndpointController(registry, [...families])]);
  const podIps = (): Addresses => workloads[0]?.allocations() ?? remembered?.podIps ?? new Map();
  return { loop, allocations: () => ({ clusterIps: clusterIps.allocations(), podIps: podIps() }) };
}
