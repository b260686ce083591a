// The loaded cluster: which objects there are and what controllers have made of them, as one object that `serve` and
// every command share. Changes go in; differences, problems and addresses come out. Pure: it has no table, no sockets,
// no files and no clock.
import type { IpFamily } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { Cidr } from "../net/ip.ts";
import { runAtOnce } from "../std/sliced.ts";
import type { Sliced } from "../std/sliced.ts";
import type { Change } from "./change.ts";
import { ClusterIpController } from "./controllers/cluster-ip-controller.ts";
import type { Controller } from "./controllers/controller.ts";
import { EndpointController } from "./controllers/endpoint-controller.ts";
import { WorkloadController } from "./controllers/workload-controller.ts";
import { Registry } from "./registry.ts";
import type { Difference } from "./registry.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

/** The addresses that controllers gave out, by `namespace/name` of the service or pod. */
export interface Allocations {
  readonly clusterIps: Addresses;
  readonly podIps: Addresses;
}

/** What decides which addresses there are, and which pods. */
export interface ClusterSettings {
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
  readonly simulatePods: boolean;
}

export class Cluster {
  /** To be read, and changed by `apply` alone. */
  readonly registry = new Registry();
  readonly #workloads: WorkloadController | undefined;
  readonly #clusterIps: ClusterIpController;
  readonly #remembered: Allocations;
  /** In the order in which they build on each other: pods and addresses first, endpoints of both last. */
  readonly #controllers: readonly Controller[];

  /** `remembered`: the addresses of an earlier run, which services and pods keep. */
  constructor(
    { serviceCidrs, podCidrs, simulatePods }: ClusterSettings,
    remembered: Allocations = { clusterIps: new Map(), podIps: new Map() },
  ) {
    const { registry } = this;
    this.#remembered = remembered;
    this.#workloads = simulatePods ? new WorkloadController(registry, podCidrs, remembered.podIps) : undefined;
    this.#clusterIps = new ClusterIpController(registry, serviceCidrs, remembered.clusterIps);
    const families = new Set(serviceCidrs.map(({ bytes }): IpFamily => (bytes.length === 4 ? "IPv4" : "IPv6")));
    const endpoints = new EndpointController(registry, [...families]);
    this.#controllers = [...(this.#workloads ? [this.#workloads] : []), this.#clusterIps, endpoints];
  }

  /** Applies the changes and all that controllers make of them; returns every difference, in order. */
  apply(changes: readonly Change[]): readonly Difference[] {
    return runAtOnce(this.applySliced(changes));
  }

  /** As `apply`; the cluster is not to be read until the last slice. */
  *applySliced(changes: readonly Change[]): Sliced<readonly Difference[]> {
    const differences = [...(yield* this.registry.applySliced(changes))];
    for (const controller of this.#controllers) {
      const answer = yield* controller.reconcile(differences);
      for (const difference of yield* this.registry.applySliced(answer)) differences.push(difference);
    }
    return differences;
  }

  /** What the controllers could not do, and objects that several origins hold. */
  problems(): readonly Problem[] {
    return [...this.controllerProblems(), ...this.conflicts()];
  }

  controllerProblems(): readonly Problem[] {
    return this.#controllers.flatMap((controller) => controller.problems?.() ?? []);
  }

  /** Objects that several origins hold. While a file is renamed, its objects are there twice for a moment. */
  conflicts(): readonly Problem[] {
    return this.registry.conflicts();
  }

  /** All addresses that are given out now, for the next run to remember. */
  allocations(): Allocations {
    const podIps = this.#workloads?.allocations() ?? this.#remembered.podIps;
    return { clusterIps: this.#clusterIps.allocations(), podIps };
  }
}
