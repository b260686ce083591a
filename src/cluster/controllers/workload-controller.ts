// Stands in for a cluster's workload controllers and kubelets: keeps pods for workloads, and runs them and the Pods of
// the manifests, unless there is evidence of a cluster that does. Leaves workloads of a live cluster alone.
// Kubernetes: "Workload Management"; docs/workloads.md.
import type { KubeObject, Labels, Owner, Pod, Workload } from "../../objects/kube-object.ts";
import { objectKey, ownerOf } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import type { Cidr } from "../../net/ip.ts";
import { ClusterEvidence, deploymentOf } from "./cluster-evidence.ts";
import { PodAddresses } from "./pod-addresses.ts";
import type { Controller } from "./controller.ts";
import { PODS_MAX, podRangeFull, tooManyPods, WORKLOAD_PODS_MAX } from "./pod-problems.ts";
import type { PodFault } from "./pod-problems.ts";
import { createdPods, podCount, podIdentities, podMaker, runningPod, statefulSetOf } from "./simulated-pods.ts";
import type { PodIdentity } from "./simulated-pods.ts";

const ORIGIN = controllerOrigin("workloads");

/** The name of a workload, or of a Pod of the manifests, that may not exist. */
interface WorkloadName extends Owner {
  readonly namespace: string;
}

/** The pods that a workload should have, before addresses are allocated. A Pod of the manifests has itself. */
interface Plan {
  readonly object: Workload | Pod;
  readonly wanted: readonly PodIdentity[];
  /** The wanted pods that must be created or replaced. */
  readonly missing: readonly PodIdentity[];
  readonly present: ReadonlyMap<string, Pod>;
  /** The workload has changed: all of its pods are replaced. */
  readonly isChanged: boolean;
}

export class WorkloadController implements Controller {
  readonly #registry: Registry;
  readonly #evidence: ClusterEvidence;
  readonly #addresses: PodAddresses;
  #podCount = 0;
  /** The keys of the Pods of the manifests that run here. */
  readonly #running = new Set<string>();
  /** The kinds that have had the form of a StatefulSet. */
  readonly #setKinds = new Set<string>();
  /** Workloads with fewer pods or addresses than they ask for, by key. */
  readonly #short = new Map<string, { readonly name: WorkloadName; readonly problem: Problem }>();
  /** Whether written addresses are tracked: only from the first pod that needs an address, as it costs. */
  #tracksWritten = false;
  /** Pods or addresses have become free since `#short` was planned. */
  #hasFreed = false;
  /** Pods that were stopped by this reconciliation: one that comes back in another role keeps its addresses. */
  readonly #leaving = new Set<string>();

  /** Uses the first of `podCidrs` of each family. `remembered`: the addresses of an earlier run, by `namespace/pod`. */
  constructor(
    registry: Registry,
    podCidrs: readonly Cidr[],
    remembered: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.#registry = registry;
    this.#evidence = new ClusterEvidence(registry);
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
    for (const { namespace, selector } of this.#servicesOfClusters(differences)) {
      for (const workload of this.#registry.workloadsSelectedBy(namespace, selector)) touch(touched, nameOf(workload));
    }
    return touched;
  }

  /** The services and selectors for which evidence of a cluster came, went or is there. */
  *#servicesOfClusters(differences: readonly Difference[]): Generator<{ namespace: string; selector: Labels }> {
    const changed = new Set<string>();
    for (const { before, after } of differences) {
      for (const object of [before, after]) {
        if (object?.kind !== "EndpointSlice" && object?.kind !== "Endpoints") continue;
        const name = object.kind === "Endpoints" ? object.name : object.serviceName;
        if (object.observed === true) changed.add(`${object.namespace}/${name}`);
      }
    }
    if (changed.size === 0 && !this.#registry.hasObservedEndpoints) return;
    for (const key of changed) {
      const at = key.indexOf("/");
      const service = this.#registry.service(key.slice(0, at), key.slice(at + 1));
      if (service?.selector !== undefined) yield { namespace: service.namespace, selector: service.selector };
    }
    for (const object of differences.flatMap(({ before, after }) => [before, after])) {
      if (object?.kind !== "Service" || object.selector === undefined) continue;
      const { namespace, name, selector } = object;
      if (changed.has(`${namespace}/${name}`) || this.#evidence.hasObservedEndpoints(object))
        yield { namespace, selector };
    }
  }

  #touchByWorkload(touched: Map<string, WorkloadName>, workload: Workload): void {
    const { namespace, owner } = workload;
    const name = nameOf(workload);
    touch(touched, name);
    if (workload.workloadKind === "StatefulSet") this.#setKinds.add(name.kind);
    if (owner !== undefined) touch(touched, { ...owner, namespace });
    if (name.kind === "ReplicaSet") touchDeployment(touched, namespace, deploymentOf(name.name));
    for (const owned of this.#registry.ownedBy(namespace, name)) {
      if (owned.kind === "Workload") touch(touched, nameOf(owned));
      else if (owned.simulated !== "template") touch(touched, { kind: "Pod", namespace, name: owned.name });
    }
  }

  #touchByPod(touched: Map<string, WorkloadName>, pod: Pod): void {
    const { namespace, name, owner } = pod;
    touch(touched, { kind: "Pod", namespace, name });
    // A StatefulSet may want this name for a pod of its own.
    const setName = statefulSetOf(name);
    if (setName !== undefined) for (const kind of this.#setKinds) touch(touched, { kind, namespace, name: setName });
    for (const workload of this.#registry.workloadsSelecting(pod)) touch(touched, nameOf(workload));
    if (owner !== undefined) touch(touched, { ...owner, namespace });
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
        if (pod?.simulated === "manifest") touch(touched, nameOf(pod));
        else if (pod?.owner !== undefined) touch(touched, { ...pod.owner, namespace: pod.namespace });
      }
    }
  }

  /** Removes pods of templates whose name a written pod now has. */
  #removeReplaced(differences: readonly Difference[], changes: Change[]): void {
    for (const { before, after } of differences) {
      if (before?.kind === "Pod" && before.simulated === "template" && after !== undefined)
        this.#remove(before, changes);
    }
  }

  #remove(pod: Pod, changes: Change[]): void {
    this.#podCount--;
    this.#hasFreed = true;
    this.#leaving.add(`${pod.namespace}/${pod.name}`);
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
      const plan =
        name.kind === "Pod" ? this.#planPod(name, changes) : this.#planOne(name, nodeNames ?? [], changed, changes);
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
    const asked =
      workload !== undefined && this.#evidence.isSimulated(workload) ? podCount(workload, nodeNames.length) : 0;
    const count = Math.min(asked, WORKLOAD_PODS_MAX, PODS_MAX - this.#podCount + present.size);
    const wanted = workload === undefined ? [] : this.#wanted(workload, podIdentities(workload, count, nodeNames));
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
    return { object: workload, wanted, missing, present, isChanged };
  }

  /** The pods that the workload creates: not those that are written, and those after them only when they are ready. */
  #wanted(workload: Workload, pods: readonly PodIdentity[]): readonly PodIdentity[] {
    const written = new Map<PodIdentity, Pod>();
    for (const identity of pods) {
      const pod = this.#registry.pod(workload.namespace, identity.name);
      if (pod !== undefined && pod.simulated !== "template") written.set(identity, pod);
    }
    return createdPods(workload, pods, (identity) => written.get(identity)?.ready).filter(
      (identity) => !written.has(identity),
    );
  }

  /** Stops the Pod of the manifests if it should not run here; returns undefined then. */
  #planPod(name: WorkloadName, changes: Change[]): Plan | undefined {
    const key = keyOf(name);
    const base = this.#registry.given(key) as Pod | undefined;
    const isRunning = this.#running.has(key);
    this.#short.delete(key);
    if (base === undefined || !this.#evidence.isPodSimulated(base)) {
      if (isRunning) {
        this.#hasFreed = true;
        this.#stop(name, changes);
      }
      return undefined;
    }
    if (!isRunning && this.#podCount >= PODS_MAX) {
      this.#report(base, tooManyPods(1, 1));
      return undefined;
    }
    if (!isRunning) this.#podCount++;
    this.#running.add(key);
    const identity = { name: name.name, index: 0 };
    const current = this.#registry.pod(name.namespace, name.name)!;
    const isComplete = current.simulated !== undefined && this.#hasAddresses(base, identity);
    return {
      object: base,
      wanted: [identity],
      missing: isComplete ? [] : [identity],
      present: new Map(current.simulated === undefined ? [] : [[name.name, current]]),
      isChanged: current.simulated === undefined,
    };
  }

  /** Takes the address from a Pod of the manifests that is running. */
  #stop(name: WorkloadName, changes: Change[]): void {
    const key = keyOf(name);
    this.#running.delete(key);
    this.#podCount--;
    this.#leaving.add(`${name.namespace}/${name.name}`);
    const base = this.#registry.given(key) as Pod | undefined;
    const current = this.#registry.pod(name.namespace, name.name);
    if (base !== undefined && current !== base) changes.push({ type: "amend", base, object: base });
  }

  #simulatedPodsOf(name: WorkloadName): ReadonlyMap<string, Pod> {
    const present = new Map<string, Pod>();
    for (const owned of this.#registry.ownedBy(name.namespace, name)) {
      if (owned.kind === "Pod" && owned.simulated === "template") present.set(owned.name, owned);
    }
    return present;
  }

  #hasAddresses(object: Workload | Pod, { name }: PodIdentity): boolean {
    if (addressesOf(object) !== undefined) return true;
    return this.#addresses.of(`${object.namespace}/${name}`).length === this.#addresses.familyCount;
  }

  /** Allocates for all plans at once, so that addresses do not depend on the order of workloads. */
  #allocate(plans: readonly Plan[]): void {
    const keys: string[] = [];
    for (const { object, missing } of plans) {
      for (const { name } of missing) {
        const key = `${object.namespace}/${name}`;
        if (addressesOf(object) === undefined) keys.push(key);
        else this.#addresses.release(key);
        this.#leaving.delete(key);
      }
    }
    for (const key of this.#leaving) this.#addresses.release(key);
    this.#leaving.clear();
    if (keys.length === 0) return;
    if (!this.#tracksWritten) {
      this.#tracksWritten = true;
      for (const object of this.#registry.objects()) {
        for (const address of writtenAddresses(object)) this.#addresses.take(address);
      }
    }
    this.#addresses.allocate(keys);
  }

  #make({ object, wanted, missing, present, isChanged }: Plan, changes: Change[]): void {
    const { namespace } = object;
    const addresses = addressesOf(object);
    const makePod = object.kind === "Pod" ? undefined : podMaker(object);
    for (const identity of missing) {
      const given = addresses?.[identity.index - (object as Workload).firstOrdinal];
      const ips = given === undefined ? this.#addresses.of(`${namespace}/${identity.name}`) : [given];
      const before = present.get(identity.name);
      if (ips.length === 0) {
        if (object.kind === "Pod") this.#stop({ kind: "Pod", namespace, name: object.name }, changes);
        else if (before === undefined) this.#podCount--;
        else this.#remove(before, changes);
      } else if (isChanged || before?.ips !== ips) {
        if (object.kind === "Pod") changes.push({ type: "amend", base: object, object: runningPod(object, ips) });
        else changes.push({ type: "put", origin: ORIGIN, object: makePod!(identity, ips) });
      }
    }
    const lacking = wanted.filter((identity) => !this.#hasAddresses(object, identity)).length;
    if (lacking > 0) this.#report(object, podRangeFull(lacking, wanted.length));
  }

  #report(reported: Workload | Pod, fault: PodFault): void {
    const object = objectKey(reported);
    const place = reported.place && { place: reported.place };
    this.#short.set(object, { name: nameOf(reported), problem: { severity: "warning", ...fault, object, ...place } });
  }
}

function addressesOf(object: Workload | Pod): readonly string[] | undefined {
  return object.kind === "Workload" ? object.addresses : undefined;
}

function nameOf(object: Workload | Pod): WorkloadName {
  const { namespace, name } = object;
  return object.kind === "Pod" ? { kind: "Pod", namespace, name } : { ...ownerOf(object), namespace };
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

/** The addresses that the object itself names; none for a simulated pod. */
function writtenAddresses(object: KubeObject | undefined): readonly string[] {
  if (object?.kind === "Pod" && !object.simulated) return object.ips;
  if (object?.kind === "Workload" || object?.kind === "Service") return object.addresses ?? [];
  return [];
}
