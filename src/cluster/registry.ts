// The only state of the control plane: which objects there are, by whom they are held, and indexes over them.
// `apply` takes changes and says which objects came, went or changed; everybody else only reads.
// Pure: no I/O, no clock.
import { objectKey } from "../objects/kube-object.ts";
import type {
  EndpointSlice,
  Endpoints,
  KubeObject,
  Node,
  Owner,
  Pod,
  Service,
  Workload,
} from "../objects/kube-object.ts";
import type { Change } from "./change.ts";
import { LabelIndex } from "./label-index.ts";
import { MultiMap } from "../std/multi-map.ts";

/** One object that changed: absent before, absent after, or both and not the same. */
export interface Difference {
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/** The same object held by several origins: the first of `origins` counts. */
export interface Conflict {
  readonly key: string;
  readonly objects: readonly KubeObject[];
}

interface Claim {
  readonly origin: string;
  readonly rank: string;
  readonly object: KubeObject;
}

export class Registry {
  /** Mostly one claim a key; the first counts. */
  readonly #claims = new Map<string, Claim | readonly Claim[]>();
  readonly #keysByOrigin = new Map<string, Set<string>>();
  /** What controllers made of objects; void once another object counts. */
  readonly #amendments = new Map<string, { readonly base: KubeObject; readonly object: KubeObject }>();
  readonly #contested = new Set<string>();
  /** Keys that are or were contested, and changed since somebody asked. */
  readonly #contestChanged = new Set<string>();
  /** How many objects make each namespace exist. */
  readonly #namespaces = new Map<string, number>();
  readonly #slicesByService = new MultiMap<EndpointSlice>();
  readonly #podsByLabel = new LabelIndex<Pod>();
  readonly #servicesBySelector = new LabelIndex<Service>();
  readonly #workloadsBySelector = new LabelIndex<Workload>();
  readonly #owned = new MultiMap<Pod | Workload>();
  readonly #nodes = new Set<Node>();
  readonly #daemonSets = new Set<Workload>();
  readonly #counts = new Map<string, number>();

  /** Applies all changes as one; returns each object whose winning version differs afterwards. */
  apply(changes: readonly Change[]): readonly Difference[] {
    const before = new Map<string, KubeObject | undefined>();
    const claim = (key: string, origin: string, next: Claim | undefined): void => {
      if (!before.has(key)) before.set(key, this.#get(key));
      this.#setClaim(key, origin, next);
    };
    for (const change of changes) {
      if (change.type === "amend") {
        const key = objectKey(change.base);
        if (!before.has(key)) before.set(key, this.#get(key));
        if (this.given(key) === change.base) this.#amendments.set(key, change);
      } else if (change.type === "remove") {
        claim(change.key, change.origin, undefined);
      } else if (change.type === "put") {
        claim(objectKey(change.object), change.origin, change);
      } else {
        const { origin, rank } = change;
        const next = new Map(change.objects.map((object) => [objectKey(object), object]));
        for (const key of this.#keysByOrigin.get(origin) ?? []) if (!next.has(key)) claim(key, origin, undefined);
        for (const [key, object] of next) claim(key, origin, { origin, rank, object });
      }
    }
    return this.#index(before);
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

  /** The workload of that kind and name: an owner that is of another kind, or not there, gives undefined. */
  workload(namespace: string, { kind, name }: Owner): Workload | undefined {
    const object = this.#get(`${kind} ${namespace}/${name}`);
    return object?.kind === "Workload" ? object : undefined;
  }

  /** The pods and workloads of the namespace that have that owner, be it there or not; in no order. */
  ownedBy(namespace: string, owner: Owner): Iterable<Pod | Workload> {
    return this.#owned.get(`${owner.kind} ${namespace}/${owner.name}`);
  }

  /** All nodes, in no order. */
  nodes(): Iterable<Node> {
    return this.#nodes;
  }

  /** All DaemonSets, in no order: what nodes there are concerns each of them. */
  daemonSets(): Iterable<Workload> {
    return this.#daemonSets;
  }

  /** The slices labelled with the service's name, in no order. */
  slicesOf(namespace: string, service: string): Iterable<EndpointSlice> {
    return this.#slicesByService.get(`${namespace}/${service}`);
  }

  /** The pods of the namespace whose labels hold all pairs of `selector`, which has at least one. */
  podsSelectedBy(namespace: string, selector: ReadonlyMap<string, string>): readonly Pod[] {
    return this.#podsByLabel.havingAll(namespace, selector);
  }

  /** The services of the pod's namespace whose selector its labels satisfy. */
  servicesSelecting(pod: Pod): readonly Service[] {
    return this.#servicesBySelector.within(pod.namespace, pod.labels);
  }

  /** The workloads of the pod's namespace whose selector its labels satisfy. */
  workloadsSelecting(pod: Pod): readonly Workload[] {
    return this.#workloadsBySelector.within(pod.namespace, pod.labels);
  }

  /** A Namespace object says so, or an object lives in it. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** How many objects of the kind there are. */
  count(kind: KubeObject["kind"]): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Every winning object, in no order. */
  *objects(): Generator<KubeObject> {
    for (const key of this.#claims.keys()) yield this.#get(key)!;
  }

  /** The objects that more than one origin holds now; objects of kinds that are not served are not told. */
  conflicts(): readonly Conflict[] {
    return [...this.#contested].map((key) => this.conflict(key)).filter((conflict) => conflict !== undefined);
  }

  /** What has changed of `conflicts()` since the last call, by key; undefined: settled. */
  takeConflictChanges(): ReadonlyMap<string, Conflict | undefined> {
    const changes = new Map([...this.#contestChanged].map((key) => [key, this.conflict(key)]));
    this.#contestChanged.clear();
    return changes;
  }

  /** The object of that key, where more than one origin holds it. */
  conflict(key: string): Conflict | undefined {
    const claims = this.#claims.get(key);
    if (!Array.isArray(claims)) return undefined;
    const objects = (claims as readonly Claim[]).map(({ object }) => object);
    return objects[0]!.kind === "Other" ? undefined : { key, objects };
  }

  /** The object of that key that counts, as it was handed in: without what a controller made of it. */
  given(key: string): KubeObject | undefined {
    const claims = this.#claims.get(key);
    return claims === undefined ? undefined : winner(claims);
  }

  #get(key: string): KubeObject | undefined {
    const given = this.given(key);
    const amendment = this.#amendments.get(key);
    return amendment !== undefined && amendment.base === given ? amendment.object : given;
  }

  #setClaim(key: string, origin: string, next: Claim | undefined): void {
    const held = this.#claims.get(key);
    const others = (held === undefined ? [] : "object" in held ? [held] : held).filter(
      (claim) => claim.origin !== origin,
    );
    if (next !== undefined) {
      const at = others.findIndex(
        (claim) => next.rank < claim.rank || (next.rank === claim.rank && origin < claim.origin),
      );
      // A change of type `put` is wider than a claim: keep only what a claim is.
      others.splice(at === -1 ? others.length : at, 0, { origin, rank: next.rank, object: next.object });
    }
    const amended = this.#amendments.get(key)?.base;
    if (amended !== undefined && others[0]?.object !== amended) this.#amendments.delete(key);
    if (others.length === 0) this.#claims.delete(key);
    else this.#claims.set(key, others.length === 1 ? others[0]! : others);
    if (others.length > 1 || this.#contested.has(key)) this.#contestChanged.add(key);
    if (others.length > 1) this.#contested.add(key);
    else this.#contested.delete(key);
    this.#trackOrigin(key, origin, next !== undefined);
  }

  #trackOrigin(key: string, origin: string, holds: boolean): void {
    const keys = this.#keysByOrigin.get(origin) ?? new Set();
    if (holds) keys.add(key);
    else keys.delete(key);
    if (keys.size === 0) this.#keysByOrigin.delete(origin);
    else this.#keysByOrigin.set(origin, keys);
  }

  #index(touched: ReadonlyMap<string, KubeObject | undefined>): readonly Difference[] {
    const differences: Difference[] = [];
    for (const [key, before] of touched) {
      const after = this.#get(key);
      if (before === after) continue;
      if (before !== undefined) this.#indexOne(before, -1);
      if (after !== undefined) this.#indexOne(after, 1);
      differences.push({ ...(before && { before }), ...(after && { after }) });
    }
    return differences;
  }

  #indexOne(object: KubeObject, sign: 1 | -1): void {
    add(this.#counts, object.kind, sign);
    const namespace = object.kind === "Namespace" ? object.name : object.namespace;
    if (namespace !== "") add(this.#namespaces, namespace, sign);
    const method = sign === 1 ? "add" : "delete";
    if (object.kind === "EndpointSlice")
      this.#slicesByService[method](`${object.namespace}/${object.serviceName}`, object);
    if (object.kind === "Pod") this.#podsByLabel[method](object.namespace, object.labels, object);
    if (object.kind === "Service" && object.selector !== undefined) {
      this.#servicesBySelector[method](object.namespace, object.selector, object);
    }
    if (object.kind === "Node") this.#nodes[method](object);
    if (object.kind === "Workload") {
      this.#workloadsBySelector[method](object.namespace, object.selector, object);
      if (object.workloadKind === "DaemonSet") this.#daemonSets[method](object);
    }
    if ((object.kind === "Workload" || object.kind === "Pod") && object.owner !== undefined) {
      this.#owned[method](`${object.owner.kind} ${object.namespace}/${object.owner.name}`, object);
    }
  }
}

function winner(claims: Claim | readonly Claim[]): KubeObject {
  return "object" in claims ? claims.object : claims[0]!.object;
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  const count = (counts.get(key) ?? 0) + amount;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
