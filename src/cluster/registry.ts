// The objects of a cluster, the origins that hold them, and indexes over them. `apply` takes changes and returns the
// objects that were added, removed or changed; all other methods only read. Pure: no I/O, no clock.
import { duplicateObject } from "../objects/duplicate-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type {
  EndpointSlice,
  Endpoints,
  KubeObject,
  Labels,
  Node,
  Owner,
  Pod,
  Service,
  Workload,
} from "../objects/kube-object.ts";
import { compareClaims, isSameOrigin } from "../objects/origin.ts";
import type { Origin } from "../objects/origin.ts";
import type { Problem } from "../objects/problem.ts";
import { runAtOnce } from "../std/sliced.ts";
import type { Sliced } from "../std/sliced.ts";
import { isOfController } from "./change.ts";
import type { Change } from "./change.ts";
import { LabelIndex } from "./label-index.ts";
import { MultiMap } from "../std/multi-map.ts";

/** One change of a winning object: added (no `before`), removed (no `after`) or replaced. */
export interface Difference {
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/** An origin's version of an object. */
interface Claim {
  readonly origin: Origin;
  readonly object: KubeObject;
}

/** The keys of all objects that an origin holds. */
interface Holding {
  readonly origin: Origin;
  readonly keys: Set<string>;
}

/** Holdings by the origin's source and name. */
type Holdings = Map<string, Map<string, Holding>>;

export class Registry {
  /** Nearly always one claim for each key; the first one wins (see `compareClaims`). */
  readonly #claims = new Map<string, Claim | readonly Claim[]>();
  readonly #holdings: Holdings = new Map();
  /** Amendments of controllers, by key. An amendment lasts until another object wins. */
  readonly #amendments = new Map<string, { readonly base: KubeObject; readonly object: KubeObject }>();
  /** Keys of which several origins hold different versions, with a problem for each version that loses. */
  readonly #conflicts = new Map<string, readonly Problem[]>();
  /** The number of objects because of which each namespace exists. */
  readonly #namespaces = new Map<string, number>();
  readonly #slicesByService = new MultiMap<EndpointSlice>();
  readonly #podsByLabel = new LabelIndex<Pod>();
  readonly #servicesBySelector = new LabelIndex<Service>();
  readonly #workloadsBySelector = new LabelIndex<Workload>();
  /** Made for the first caller: most clusters need none. */
  #workloadsByTemplate: LabelIndex<Workload> | undefined;
  readonly #owned = new MultiMap<Pod | Workload>();
  readonly #services = new Set<Service>();
  readonly #nodes = new Set<Node>();
  readonly #daemonSets = new Set<Workload>();
  readonly #counts = new Map<string, number>();
  #observedEndpoints = 0;
  #revision = 0;

  /** Applies all changes as one; returns each object whose winning version has changed. */
  apply(changes: readonly Change[]): readonly Difference[] {
    return runAtOnce(this.applySliced(changes));
  }

  /** Like `apply`; the registry must not be read before the last slice. */
  *applySliced(changes: readonly Change[]): Sliced<readonly Difference[]> {
    const before = new Map<string, KubeObject | undefined>();
    for (const change of changes) {
      for (const { key, origin, object } of this.#claimsOf(change)) {
        if (!before.has(key)) before.set(key, this.#get(key));
        this.#setClaim(key, origin, object);
        yield;
      }
      if (change.type !== "amend") continue;
      const key = objectKey(change.base);
      if (!before.has(key)) before.set(key, this.#get(key));
      if (this.given(key) === change.base) this.#amendments.set(key, change);
    }
    const differences: Difference[] = [];
    for (const [key, object] of before) {
      const difference = this.#index(object, this.#get(key));
      if (difference !== undefined) differences.push(difference);
      yield;
    }
    return differences;
  }

  /** A number that differs after each change of any object. */
  get revision(): number {
    return this.#revision;
  }

  /** All services, in no order. */
  services(): Iterable<Service> {
    return this.#services;
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#get(`Service ${namespace}/${name}`) as Service | undefined;
  }

  endpoints(namespace: string, name: string): Endpoints | undefined {
    return this.#get(`Endpoints ${namespace}/${name}`) as Endpoints | undefined;
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#get(`Pod ${namespace}/${name}`) as Pod | undefined;
  }

  /** The workload that is this owner; undefined if the owner does not exist or is no workload. */
  workload(namespace: string, { kind, name }: Owner): Workload | undefined {
    const object = this.#get(`${kind} ${namespace}/${name}`);
    return object?.kind === "Workload" ? object : undefined;
  }

  /** The pods and workloads of the namespace that name this owner, in no order. The owner need not exist. */
  ownedBy(namespace: string, owner: Owner): Iterable<Pod | Workload> {
    return this.#owned.get(`${owner.kind} ${namespace}/${owner.name}`);
  }

  /** All nodes, in no order. */
  nodes(): Iterable<Node> {
    return this.#nodes;
  }

  /** All DaemonSets, in no order: a change of nodes affects each of them. */
  daemonSets(): Iterable<Workload> {
    return this.#daemonSets;
  }

  /** The EndpointSlices labelled with the service's name, in no order. */
  slicesOf(namespace: string, service: string): Iterable<EndpointSlice> {
    return this.#slicesByService.get(`${namespace}/${service}`);
  }

  /** The pods of the namespace that match `selector`, which has at least one label. */
  podsSelectedBy(namespace: string, selector: Labels): readonly Pod[] {
    return this.#podsByLabel.havingAll(namespace, selector);
  }

  /** The services whose selector matches pods of these labels. */
  servicesSelecting(namespace: string, labels: Labels): readonly Service[] {
    return this.#servicesBySelector.satisfiedBy(namespace, labels);
  }

  /** The workloads whose template has all labels of `selector`, which has at least one. */
  workloadsSelectedBy(namespace: string, selector: Labels): readonly Workload[] {
    this.#workloadsByTemplate ??= this.#indexTemplates();
    return this.#workloadsByTemplate.havingAll(namespace, selector);
  }

  /** The workloads whose selector matches the pod. */
  workloadsSelecting(pod: Pod): readonly Workload[] {
    return this.#workloadsBySelector.satisfiedBy(pod.namespace, pod.labels);
  }

  /** Whether a Namespace object or any object in the namespace exists. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** The names for which `hasNamespace` says yes, in no order. */
  namespaces(): Iterable<string> {
    return this.#namespaces.keys();
  }

  /** Whether any slice or Endpoints object is of a cluster's controllers. */
  get hasObservedEndpoints(): boolean {
    return this.#observedEndpoints > 0;
  }

  /** Whether a live cluster holds anything: a source on whose objects no controller acts. */
  hasLiveObjects(): boolean {
    for (const ofSource of this.#holdings.values()) {
      // All places of a source are of one sort.
      for (const { origin } of ofSource.values()) {
        if (!origin.isControlled) return true;
        break;
      }
    }
    return false;
  }

  /** The number of objects of the kind. */
  count(kind: KubeObject["kind"]): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Every winning object, in no order. */
  *objects(): Generator<KubeObject> {
    for (const key of this.#claims.keys()) yield this.#get(key)!;
  }

  /** A problem for each version of an object that loses against that of another origin. */
  conflicts(): readonly Problem[] {
    return [...this.#conflicts.values()].flat();
  }

  /** Whether controllers act on the object of this key, as the origin of the winning version says. */
  isControlled(key: string): boolean {
    const claims = this.#claims.get(key);
    return claims !== undefined && winner(claims).origin.isControlled;
  }

  /** Where the winning object of this key comes from. */
  originOf(key: string): Origin | undefined {
    const claims = this.#claims.get(key);
    return claims === undefined ? undefined : winner(claims).origin;
  }

  /** The winning object of this key as its source gave it, without amendments of controllers. */
  given(key: string): KubeObject | undefined {
    const claims = this.#claims.get(key);
    return claims === undefined ? undefined : winner(claims).object;
  }

  #get(key: string): KubeObject | undefined {
    const given = this.given(key);
    const amendment = this.#amendments.get(key);
    return amendment !== undefined && amendment.base === given ? amendment.object : given;
  }

  /** The claims that the change adds or replaces; without `object` the origin drops its claim. */
  *#claimsOf(change: Change): Generator<{ key: string; origin: Origin; object?: KubeObject }> {
    if (change.type === "put") {
      yield { key: objectKey(change.object), origin: change.origin, object: change.object };
    } else if (change.type === "remove") {
      yield { key: change.key, origin: change.origin };
    } else if (change.type === "replace") {
      const { origin } = change;
      const next = new Map(change.objects.map((object) => [objectKey(object), object]));
      for (const key of [...this.#keysOf(origin)]) if (!next.has(key)) yield { key, origin };
      for (const [key, object] of next) yield { key, origin, object };
    } else if (change.type === "withdraw") {
      const holdings = [...(this.#holdings.get(change.source)?.values() ?? [])];
      for (const { origin, keys } of holdings) for (const key of [...keys]) yield { key, origin };
    }
  }

  #keysOf(origin: Origin): Iterable<string> {
    return this.#holdings.get(origin.source)?.get(origin.name)?.keys ?? [];
  }

  #setClaim(key: string, origin: Origin, object: KubeObject | undefined): void {
    const present = this.#claims.get(key);
    const claims = (present === undefined ? [] : "object" in present ? [present] : present).filter(
      (claim) => !isSameOrigin(claim.origin, origin),
    );
    if (object !== undefined) {
      const at = claims.findIndex((claim) => compareClaims(origin, claim.origin) < 0);
      claims.splice(at === -1 ? claims.length : at, 0, { origin, object });
    }
    const amended = this.#amendments.get(key)?.base;
    if (amended !== undefined && claims[0]?.object !== amended) this.#amendments.delete(key);
    if (claims.length === 0) this.#claims.delete(key);
    else this.#claims.set(key, claims.length === 1 ? claims[0]! : claims);
    // A controller yields to every source.
    const [used, ...others] = claims.filter((claim) => !isOfController(claim.origin));
    const conflicts = others.flatMap((other) => duplicateObject(used!.object, other.object) ?? []);
    if (conflicts.length === 0) this.#conflicts.delete(key);
    else this.#conflicts.set(key, conflicts);
    this.#trackHolding(key, origin, object !== undefined);
  }

  #trackHolding(key: string, origin: Origin, holds: boolean): void {
    const ofSource = this.#holdings.get(origin.source) ?? new Map<string, Holding>();
    const holding = ofSource.get(origin.name) ?? { origin, keys: new Set() };
    if (holds) holding.keys.add(key);
    else holding.keys.delete(key);
    if (holding.keys.size === 0) ofSource.delete(origin.name);
    else ofSource.set(origin.name, holding);
    if (ofSource.size === 0) this.#holdings.delete(origin.source);
    else this.#holdings.set(origin.source, ofSource);
  }

  #indexTemplates(): LabelIndex<Workload> {
    const index = new LabelIndex<Workload>();
    for (const object of this.objects()) {
      if (object.kind === "Workload") index.add(object.namespace, object.template.labels, object);
    }
    return index;
  }

  #index(before: KubeObject | undefined, after: KubeObject | undefined): Difference | undefined {
    if (before === after) return undefined;
    this.#revision++;
    if (before !== undefined) this.#indexOne(before, -1);
    if (after !== undefined) this.#indexOne(after, 1);
    return { ...(before && { before }), ...(after && { after }) };
  }

  #indexOne(object: KubeObject, sign: 1 | -1): void {
    add(this.#counts, object.kind, sign);
    const namespace = object.kind === "Namespace" ? object.name : object.namespace;
    if (namespace !== "") add(this.#namespaces, namespace, sign);
    const method = sign === 1 ? "add" : "delete";
    if ((object.kind === "EndpointSlice" || object.kind === "Endpoints") && object.observed === true)
      this.#observedEndpoints += sign;
    if (object.kind === "EndpointSlice")
      this.#slicesByService[method](`${object.namespace}/${object.serviceName}`, object);
    if (object.kind === "Pod") this.#podsByLabel[method](object.namespace, object.labels, object);
    if (object.kind === "Service") this.#services[method](object);
    if (object.kind === "Service" && object.selector !== undefined) {
      this.#servicesBySelector[method](object.namespace, object.selector, object);
    }
    if (object.kind === "Node") this.#nodes[method](object);
    if (object.kind === "Workload") {
      this.#workloadsBySelector[method](object.namespace, object.selector, object);
      this.#workloadsByTemplate?.[method](object.namespace, object.template.labels, object);
      if (object.workloadKind === "DaemonSet") this.#daemonSets[method](object);
    }
    if ((object.kind === "Workload" || object.kind === "Pod") && object.owner !== undefined) {
      this.#owned[method](`${object.owner.kind} ${object.namespace}/${object.owner.name}`, object);
    }
  }
}

function winner(claims: Claim | readonly Claim[]): Claim {
  return "object" in claims ? claims : claims[0]!;
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  const count = (counts.get(key) ?? 0) + amount;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
