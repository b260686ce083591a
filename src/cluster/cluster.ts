// The loaded cluster: the registry of objects and the controllers that act on it, shared by `serve` and every command.
// Changes go in; differences, problems and addresses come out. Pure: no table, sockets, files or clock.
import type { IpFamily } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { Cidr } from "../net/ip.ts";
import { runAtOnce } from "../std/sliced.ts";
import type { Sliced } from "../std/sliced.ts";
import type { Change } from "./change.ts";
import { ClusterIpController } from "./controllers/cluster-ip-controller.ts";
import { ClusterServicesController } from "./controllers/cluster-services-controller.ts";
import type { Controller } from "./controllers/controller.ts";
import { EndpointController } from "./controllers/endpoint-controller.ts";
import { OperatorController } from "./controllers/operator-controller.ts";
import { TemplateController } from "./controllers/template-controller.ts";
import { WorkloadController } from "./controllers/workload-controller.ts";
import { Registry } from "./registry.ts";
import type { Difference } from "./registry.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

/** The addresses that controllers allocated, by `namespace/name` of the service or pod. */
export interface Allocations {
  readonly clusterIps: Addresses;
  readonly podIps: Addresses;
}

/** The options that decide which services, pods and addresses exist. */
export interface ClusterSettings {
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
  readonly simulatePods: boolean;
  /** Whether the services that every cluster has are there where no source gives them. */
  readonly clusterServices: boolean;
}

export class Cluster {
  /** Read-only for callers; `apply` changes it. */
  readonly registry = new Registry();
  readonly #workloads: WorkloadController | undefined;
  readonly #clusterIps: ClusterIpController;
  readonly #remembered: Allocations;
  /** In order of dependency: services first, then pods and addresses, and the endpoints of all last. */
  readonly #controllers: readonly Controller[];

  /** `remembered`: the addresses of an earlier run, which services and pods keep. */
  constructor(
    { serviceCidrs, podCidrs, simulatePods, clusterServices }: ClusterSettings,
    remembered: Allocations = { clusterIps: new Map(), podIps: new Map() },
  ) {
    const { registry } = this;
    this.#remembered = remembered;
    this.#workloads = simulatePods ? new WorkloadController(registry, podCidrs, remembered.podIps) : undefined;
    this.#clusterIps = new ClusterIpController(registry, serviceCidrs, remembered.clusterIps);
    const families = new Set(serviceCidrs.map(({ bytes }): IpFamily => (bytes.length === 4 ? "IPv4" : "IPv6")));
    const endpoints = new EndpointController(registry, [...families]);
    this.#controllers = [
      new ClusterServicesController(registry, clusterServices),
      new OperatorController(registry),
      new TemplateController(registry),
      ...(this.#workloads ? [this.#workloads] : []),
      this.#clusterIps,
      endpoints,
    ];
  }

  /** Applies the changes and those that controllers add; returns every difference, in order. */
  apply(changes: readonly Change[]): readonly Difference[] {
    return runAtOnce(this.applySliced(changes));
  }

  /** Like `apply`; the cluster must not be read before the last slice. */
  *applySliced(changes: readonly Change[]): Sliced<readonly Difference[]> {
    const differences = [...(yield* this.registry.applySliced(changes))];
    for (const controller of this.#controllers) {
      const answer = yield* controller.reconcile(differences);
      for (const difference of yield* this.registry.applySliced(answer)) differences.push(difference);
    }
    return differences;
  }

  /** The problems of the controllers, and duplicate objects. */
  problems(): readonly Problem[] {
    return [...this.controllerProblems(), ...this.conflicts()];
  }

  controllerProblems(): readonly Problem[] {
    return this.#controllers.flatMap((controller) => controller.problems?.() ?? []);
  }

  /** Duplicate objects. While a file is being renamed, its objects exist twice for a moment. */
  conflicts(): readonly Problem[] {
    return this.registry.conflicts();
  }

  /** All allocated addresses, for the next run to remember. */
  allocations(): Allocations {
    const podIps = this.#workloads?.allocations() ?? this.#remembered.podIps;
    return { clusterIps: this.#clusterIps.allocations(), podIps };
  }
}
