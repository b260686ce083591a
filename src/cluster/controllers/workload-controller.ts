// Stands in for a cluster's workload controllers and kubelets: keeps running pods for workloads, unless the sources
// have real pods of the workload. Leaves workloads of a live cluster alone. Kubernetes: "Workload Management";
// docs/workloads.md.
import type { KubeObject, Owner, Pod, Workload } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import type { Cidr } from "../../net/ip.ts";
import { PodAddresses } from "./pod-addresses.ts";
import type { Controller } from "./controller.ts";
import { deploymentOf, podCount, podIdentities, podMaker, statefulSetOf } from "./simulated-pods.ts";
import type { PodIdentity } from "./simulated-pods.ts";

const ORIGIN = controllerOrigin("workloads");
/** Of all workloads: the most that Kubernetes supports in one cluster ("Considerations for large clusters"). */
const PODS_MAX = 150_000;
/** A typing error in one workload must not leave the others without pods. */
const WORKLOAD_PODS_MAX = 10_000;

/** The name of a workload that may not exist. */
interface WorkloadName extends Owner {
  readonly namespace: string;
}

/** The pods that a workload should have, before addresses are allocated. */
interface Plan {
  readonly workload: Workload;
  readonly wanted: readonly PodIdentity[];
  /** The wanted pods that must be created or replaced. */
  readonly missing: readonly PodIdentity[];
  readonly present: ReadonlyMap<string, Pod>;
  /** The workload has changed: all of its pods are replaced. */
  readonly isChanged: boolean;
}

export class WorkloadController implements Controller {
  readonly #registry: Registry;
  readonly #addresses: PodAddresses;
  #podCount = 0;
  /** Workloads with fewer pods or addresses than they ask for, by key. */
  readonly #short = new Map<string, { readonly name: WorkloadName; readonly problem: Problem }>();
  /** Whether written addresses are tracked: only from the first pod that needs an address, as it costs. */
  #tracksWritten = false;
  /** Pods or addresses have become free since `#short` was planned. */
  #hasFreed = false;

  /** Uses the first of `podCidrs` of each family. `remembered`: the addresses of an earlier run, by `namespace/pod`. */
  constructor(
    registry: Registry,
    podCidrs: readonly Cidr[],
    remembered: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.#registry = registry;
    this.#addresses = new PodAddresses(podCidrs, remembered);
  }

  /** Puts and removes the pods of the workloads that the differences affect. */
  *reconcile(differences: readonly Difference[]): Sliced<readonly Change[]> {
    if (differences.length === 0) return [];
    const changes: Change[] = [];
    const touched = this.#touched(differences);
    if (this.#tracksWritten) this.#trackWritten(differences, touched);
    this.#removeReplaced(differences, changes);
    const changed = new Set(differences.map(({ after }) => after));
    const plans = yield* this.#plan(touched.values(), changed, changes);
    if (this.#hasFreed) {
      this.#hasFreed = false;
      const untouched = [...this.#short].filter(([key]) => !touched.has(key));
      plans.push(
        ...(yield* this.#plan(
          untouched.map(([, { name }]) => name),
          changed,
          changes,
        )),
      );
    }
    this.#allocate(plans);
    for (const plan of plans) {
      this.#make(plan, changes);
      yield;
    }
    return changes;
  }

  /** Workloads that lack pods or addresses. */
  problems(): readonly Problem[] {
    return [...this.#short.values()].map(({ problem }) => problem);
  }

  /** The allocated addresses, by `namespace/pod`. */
  allocations(): ReadonlyMap<string, readonly string[]> {
    return this.#addresses.all();
  }

  /** The workloads whose pods the differences may affect, by key. */
  #touched(differences: readonly Difference[]): Map<string, WorkloadName> {
    const touched = new Map<string, WorkloadName>();
    for (const object of differences.flatMap(({ before, after }) => [before, after])) {
      if (object === undefined) continue;
      if (object.kind === "Node")
        for (const daemonSet of this.#registry.daemonSets()) touch(touched, nameOf(daemonSet));
      if (object.kind === "Workload") this.#touchByWorkload(touched, object);
      if (object.kind === "Pod") this.#touchByPod(touched, object);
    }
    return touched;
  }

  #touchByWorkload(touched: Map<string, WorkloadName>, workload: Workload): void {
    const { namespace, owner } = workload;
    const name = nameOf(workload);
    touch(touched, name);
    if (owner !== undefined) touch(touched, { ...owner, namespace });
    if (name.kind === "ReplicaSet") touchDeployment(touched, namespace, deploymentOf(name.name));
    for (const owned of this.#registry.ownedBy(namespace, name)) {
      if (owned.kind === "Workload") touch(touched, nameOf(owned));
    }
  }

  #touchByPod(touched: Map<string, WorkloadName>, pod: Pod): void {
    const { namespace, owner } = pod;
    // A StatefulSet may want this name for a pod of its own.
    const setName = statefulSetOf(pod.name);
    if (setName !== undefined) touch(touched, { kind: "StatefulSet", namespace, name: setName });
    if (owner === undefined) {
      for (const workload of this.#registry.workloadsSelecting(pod)) touch(touched, nameOf(workload));
      return;
    }
    touch(touched, { ...owner, namespace });
    touchDeployment(touched, namespace, this.#deploymentBehind(namespace, owner));
  }

  /** Tracks written addresses; touches the workloads whose pods lose one. */
  #trackWritten(differences: readonly Difference[], touched: Map<string, WorkloadName>): void {
    for (const { before } of differences) {
      for (const ip of writtenAddresses(before)) {
        this.#hasFreed = true;
        this.#addresses.giveBack(ip);
      }
    }
    for (const { after } of differences) {
      for (const ip of writtenAddresses(after)) {
        const [namespace, name] = (this.#addresses.take(ip)?.split("/") ?? []) as [string?, string?];
        const pod = namespace === undefined ? undefined : this.#registry.pod(namespace, name!);
        if (pod?.owner !== undefined) touch(touched, { ...pod.owner, namespace: pod.namespace });
      }
    }
  }

  /** Removes simulated pods whose name a written pod now has. */
  #removeReplaced(differences: readonly Difference[], changes: Change[]): void {
    for (const { before, after } of differences) {
      if (before?.kind === "Pod" && before.simulated && after !== undefined) this.#remove(before, changes);
    }
  }

  #remove(pod: Pod, changes: Change[]): void {
    this.#podCount--;
    this.#hasFreed = true;
    this.#addresses.release(`${pod.namespace}/${pod.name}`);
    changes.push({ type: "remove", origin: ORIGIN, key: objectKey(pod) });
  }

  *#plan(
    names: Iterable<WorkloadName>,
    changed: ReadonlySet<KubeObject | undefined>,
    changes: Change[],
  ): Sliced<Plan[]> {
    const plans: Plan[] = [];
    let nodeNames: readonly string[] | undefined;
    for (const name of names) {
      if (name.kind === "DaemonSet") nodeNames ??= [...this.#registry.nodes()].map((node) => node.name).toSorted();
      const plan = this.#planOne(name, nodeNames ?? [], changed, changes);
      if (plan !== undefined) plans.push(plan);
      yield;
    }
    return plans;
  }

  /** Removes surplus pods of the workload; returns undefined if it should have none. */
  #planOne(
    name: WorkloadName,
    nodeNames: readonly string[],
    changed: ReadonlySet<KubeObject | undefined>,
    changes: Change[],
  ): Plan | undefined {
    const present = this.#simulatedPodsOf(name);
    const workload = this.#registry.workload(name.namespace, name);
    const asked = workload !== undefined && this.#isSimulated(workload) ? podCount(workload, nodeNames.length) : 0;
    const count = Math.min(asked, WORKLOAD_PODS_MAX, PODS_MAX - this.#podCount + present.size);
    const wanted =
      workload === undefined
        ? []
        : podIdentities(workload, count, nodeNames).filter((identity) => !this.#isWritten(workload, identity));
    const wantedNames = new Set(wanted.map((identity) => identity.name));
    for (const pod of present.values()) if (!wantedNames.has(pod.name)) this.#remove(pod, changes);
    this.#short.delete(keyOf(name));
    if (workload === undefined || asked === 0) return undefined;
    if (count < asked) this.#report(workload, tooManyPods(asked - count, asked));
    const isChanged = changed.has(workload);
    const isComplete = (identity: PodIdentity): boolean =>
      present.has(identity.name) && !isChanged && this.#hasAddresses(workload, identity);
    const missing = wanted.filter((identity) => !isComplete(identity));
    this.#podCount += missing.filter((identity) => !present.has(identity.name)).length;
    return { workload, wanted, missing, present, isChanged };
  }

  #simulatedPodsOf(name: WorkloadName): ReadonlyMap<string, Pod> {
    const present = new Map<string, Pod>();
    for (const owned of this.#registry.ownedBy(name.namespace, name)) {
      if (owned.kind === "Pod" && owned.simulated) present.set(owned.name, owned);
    }
    return present;
  }

  /** Whether the workload's pods are simulated: no other workload makes them, and no real one exists. */
  #isSimulated(workload: Workload): boolean {
    const { namespace, owner, selector } = workload;
    if (!this.#registry.isControlled(objectKey(workload))) return false;
    if (owner !== undefined && this.#registry.workload(namespace, owner) !== undefined) return false;
    for (const owned of this.#registry.ownedBy(namespace, nameOf(workload))) {
      if (owned.kind === "Pod" && isReal(owned)) return false;
    }
    return !this.#registry
      .podsSelectedBy(namespace, selector)
      .some((pod) => isReal(pod) && (pod.owner === undefined || this.#isBehind(workload, pod.owner)));
  }

  #isBehind({ workloadKind, namespace, name }: Workload, owner: Owner): boolean {
    return workloadKind === "Deployment" && this.#deploymentBehind(namespace, owner) === name;
  }

  /** The Deployment that owns a ReplicaSet: by the ReplicaSet's owner if it exists, else by its name. */
  #deploymentBehind(namespace: string, owner: Owner): string | undefined {
    if (owner.kind !== "ReplicaSet") return undefined;
    const replicaSet = this.#registry.workload(namespace, owner);
    if (replicaSet === undefined) return deploymentOf(owner.name);
    return replicaSet.owner?.kind === "Deployment" ? replicaSet.owner.name : undefined;
  }

  /** Whether a written pod has this name. */
  #isWritten({ namespace }: Workload, { name }: PodIdentity): boolean {
    const pod = this.#registry.pod(namespace, name);
    return pod !== undefined && !pod.simulated;
  }

  #hasAddresses(workload: Workload, { name }: PodIdentity): boolean {
    if (workload.addresses !== undefined) return true;
    return this.#addresses.of(`${workload.namespace}/${name}`).length === this.#addresses.familyCount;
  }

  /** Allocates for all plans at once, so that addresses do not depend on the order of workloads. */
  #allocate(plans: readonly Plan[]): void {
    const keys: string[] = [];
    for (const { workload, missing } of plans) {
      for (const { name } of missing) {
        const key = `${workload.namespace}/${name}`;
        if (workload.addresses === undefined) keys.push(key);
        else this.#addresses.release(key);
      }
    }
    if (keys.length === 0) return;
    if (!this.#tracksWritten) {
      this.#tracksWritten = true;
      for (const object of this.#registry.objects()) {
        for (const address of writtenAddresses(object)) this.#addresses.take(address);
      }
    }
    this.#addresses.allocate(keys);
  }

  #make({ workload, wanted, missing, present, isChanged }: Plan, changes: Change[]): void {
    const { namespace, addresses, firstOrdinal } = workload;
    const makePod = podMaker(workload);
    for (const identity of missing) {
      const key = `${namespace}/${identity.name}`;
      const given = addresses?.[identity.index - firstOrdinal];
      const ips = given === undefined ? this.#addresses.of(key) : [given];
      const before = present.get(identity.name);
      if (ips.length === 0) {
        if (before === undefined) this.#podCount--;
        else this.#remove(before, changes);
      } else if (isChanged || before?.ips !== ips) {
        changes.push({ type: "put", origin: ORIGIN, object: makePod(identity, ips) });
      }
    }
    const lacking = wanted.filter((identity) => !this.#hasAddresses(workload, identity)).length;
    if (lacking > 0) this.#report(workload, podRangeFull(lacking, wanted.length));
  }

  #report(workload: Workload, fault: Pick<Problem, "code" | "message" | "advice">): void {
    const object = objectKey(workload);
    const place = workload.place && { place: workload.place };
    this.#short.set(object, { name: nameOf(workload), problem: { severity: "warning", ...fault, object, ...place } });
  }
}

function tooManyPods(lacking: number, asked: number): Pick<Problem, "code" | "message" | "advice"> {
  const limits = `a workload has at most ${WORKLOAD_PODS_MAX} pods, and all workloads have ${PODS_MAX}`;
  return {
    code: "too-many-pods",
    message: `${lacking} of ${asked} pods are not simulated: ${limits}`,
    advice: "ask for fewer replicas",
  };
}

function podRangeFull(lacking: number, asked: number): Pick<Problem, "code" | "message" | "advice"> {
  return {
    code: "pod-range-full",
    message: `${lacking} of ${asked} pods lack an address: the pod range is full`,
    advice: "widen --pod-cidr, or ask for fewer replicas",
  };
}

function nameOf({ workloadKind, namespace, name }: Workload): WorkloadName {
  return { kind: workloadKind, namespace, name };
}

function keyOf({ kind, namespace, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}

function touch(touched: Map<string, WorkloadName>, name: WorkloadName): void {
  touched.set(keyOf(name), name);
}

function touchDeployment(touched: Map<string, WorkloadName>, namespace: string, name: string | undefined): void {
  if (name !== undefined) touch(touched, { kind: "Deployment", namespace, name });
}

/** A pod that is not simulated and has an address. */
function isReal(pod: Pod): boolean {
  return !pod.simulated && pod.ips.length > 0;
}

/** The addresses that the object itself names; none for a simulated pod. */
function writtenAddresses(object: KubeObject | undefined): readonly string[] {
  if (object?.kind === "Pod" && !object.simulated) return object.ips;
  if (object?.kind === "Workload" || object?.kind === "Service") return object.addresses ?? [];
  return [];
}
