// What the objects tell of a cluster that runs them: slices and Endpoints that its controllers made, pods that it has
// started. Where there is such evidence, nothing is made up beside it. Reads the registry only. docs/workloads.md.
import type { Labels, Owner, Pod, Service, Workload } from "../../objects/kube-object.ts";
import { isPodFromCluster, objectKey, ownerOf } from "../../objects/kube-object.ts";
import type { Registry } from "../registry.ts";

const HASHED_NAME = /^(.+)-[a-z0-9]+$/;
/** The kinds of which a Deployment, or a kind like it, has one for each version of its template. */
const GENERATIONS: readonly string[] = ["ReplicaSet", "ReplicationController"];

/** The Deployment to which a ReplicaSet with this name would belong: such a name is the Deployment's and a hash. */
export function deploymentOf(replicaSetName: string): string | undefined {
  return HASHED_NAME.exec(replicaSetName)?.[1];
}

export class ClusterEvidence {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The slices of the service that a cluster's controllers made. */
  hasObservedSlices({ namespace, name }: Pick<Service, "namespace" | "name">): boolean {
    // Without any such endpoints, which is usual, nothing needs to be looked up.
    if (!this.#registry.hasObservedEndpoints) return false;
    return [...this.#registry.slicesOf(namespace, name)].some(({ observed }) => observed === true);
  }

  /** Whether the endpoints of the service are those of a cluster. */
  hasObservedEndpoints(service: Pick<Service, "namespace" | "name">): boolean {
    const endpoints = this.#registry.endpoints(service.namespace, service.name);
    return endpoints?.observed === true || this.hasObservedSlices(service);
  }

  /** Whether the selector matches pods to which a cluster gave addresses. */
  hasObservedPods(namespace: string, selector: Labels): boolean {
    return this.#registry
      .podsSelectedBy(namespace, selector)
      .some((pod) => isPodFromCluster(pod) && pod.ips.length > 0);
  }

  /** Whether the workload's pods are simulated: no other workload makes them, and no cluster has told of them. */
  isSimulated(workload: Workload): boolean {
    const { namespace, owner, selector, template } = workload;
    if (!this.#registry.isControlled(objectKey(workload))) return false;
    const maker = owner && this.#registry.workload(namespace, owner);
    // The Jobs of a CronJob are in the manifests only if somebody wrote or read them.
    if (maker !== undefined && maker.workloadKind !== "CronJob") return false;
    for (const owned of this.#registry.ownedBy(namespace, ownerOf(workload))) {
      // A pod of the manifests whose owner is there is the owner's, whatever is known of it.
      if (owned.kind === "Pod" && owned.simulated !== "template") return false;
    }
    if (this.#isObserved(namespace, template.labels)) return false;
    return !this.#registry
      .podsSelectedBy(namespace, selector)
      .some((pod) => isPodFromCluster(pod) && (pod.owner === undefined || this.#isBehind(workload, pod.owner)));
  }

  /** Whether a service that selects pods of these labels has the endpoints of a cluster. */
  #isObserved(namespace: string, labels: Labels): boolean {
    if (!this.#registry.hasObservedEndpoints) return false;
    return this.#registry.servicesSelecting(namespace, labels).some((service) => this.hasObservedEndpoints(service));
  }

  /** Whether a Pod of the manifests is simulated; `pod` is as its source gave it. */
  isPodSimulated(pod: Pod): boolean {
    if (isPodFromCluster(pod) || pod.simulated !== undefined || pod.inactive !== undefined) return false;
    if (!this.#registry.isControlled(objectKey(pod))) return false;
    return pod.owner === undefined || this.#registry.workload(pod.namespace, pod.owner) === undefined;
  }

  /** Whether the workload owns the ReplicaSet `owner`: by the ReplicaSet if it exists, else by its name. */
  #isBehind(workload: Workload, owner: Owner): boolean {
    if (!GENERATIONS.includes(owner.kind) || workload.workloadKind !== "Deployment") return false;
    const generation = this.#registry.workload(workload.namespace, owner);
    if (generation === undefined) return deploymentOf(owner.name) === workload.name;
    const { kind, name } = ownerOf(workload);
    return generation.owner?.kind === kind && generation.owner.name === name;
  }
}
