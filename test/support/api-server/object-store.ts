// The objects of the scripted API server and the history of their changes. Every change takes the next resource version.
// A snapshot of an older version comes from undoing the history, which is as etcd's revisions look from outside.
import { randomUUID } from "node:crypto";
import { expired } from "./api-failure.ts";
import { apiVersionOf, resourceOf, RESOURCES, type KubernetesObject, type Resource } from "./resources.ts";

/** Of one resource; a page of a list needs the one that its first page had. */
const SNAPSHOTS_MAX = 8;

/** One version of an object. */
export interface StoredObject {
  readonly resource: Resource;
  /** `NAMESPACE/NAME`: lists are in this order. */
  readonly key: string;
  readonly value: KubernetesObject;
  /** Without kind and apiVersion, as items of lists are. */
  readonly json: string;
}

/** One change. */
export interface StoredEvent {
  readonly version: bigint;
  readonly resource: Resource;
  /** Undefined: added. */
  readonly before: StoredObject | undefined;
  /** Undefined: deleted. */
  readonly after: StoredObject | undefined;
  /** Not for watches, which a script wants. */
  readonly isWithheld: boolean;
}

export class ObjectStore {
  readonly #objects = new Map<Resource, Map<string, StoredObject>>(RESOURCES.map((resource) => [resource, new Map()]));
  readonly #snapshots = new Map<Resource, Map<bigint, readonly StoredObject[]>>();
  #history: StoredEvent[] = [];
  #version: bigint;

  /** `version` is that of the empty store. */
  constructor(version: bigint) {
    this.#version = version;
  }

  /** The newest resource version. */
  get version(): bigint {
    return this.#version;
  }

  /** The oldest version that a watch can begin at. */
  get oldestVersion(): bigint {
    return this.#version - BigInt(this.#history.length);
  }

  find(resource: Resource, key: string): StoredObject | undefined {
    return this.#objects.get(resource)?.get(key);
  }

  /** Adds or replaces an object, whose metadata it completes. */
  put(object: KubernetesObject, isWithheld = false): StoredEvent {
    const resource = resourceOf(object);
    const key = keyOf(object.metadata);
    const before = this.find(resource, key);
    return this.#change({ resource, before, after: complete(object, before, this.#version + 1n), isWithheld });
  }

  /** Undefined: there is no such object. */
  remove(resource: Resource, key: string, isWithheld = false): StoredEvent | undefined {
    const before = this.find(resource, key);
    return before === undefined ? undefined : this.#change({ resource, before, after: undefined, isWithheld });
  }

  /** All objects of a resource. */
  keys(resource: Resource): string[] {
    return [...this.#objects.get(resource)!.keys()];
  }

  /** The objects of a resource as they were at `version`, in order of their keys; throws 410 where nobody knows. */
  at(resource: Resource, version: bigint): readonly StoredObject[] {
    if (version < this.oldestVersion) throw expired("The resourceVersion for the provided list is too old.");
    let snapshots = this.#snapshots.get(resource);
    if (snapshots === undefined) this.#snapshots.set(resource, (snapshots = new Map()));
    let snapshot = snapshots.get(version);
    if (snapshot === undefined) {
      snapshots.set(version, (snapshot = this.#rebuild(resource, version)));
      if (snapshots.size > SNAPSHOTS_MAX) snapshots.delete(snapshots.keys().next().value!);
    }
    return snapshot;
  }

  /** The changes after `version`; throws 410 where the history does not go so far back. */
  since(version: bigint): readonly StoredEvent[] {
    const oldest = this.oldestVersion;
    if (version < oldest) throw expired(`too old resource version: ${version} (${oldest})`);
    return this.#history.slice(Number(version - oldest));
  }

  /** Forgets the history. */
  compact(): void {
    this.#history = [];
    this.#snapshots.clear();
  }

  #change(change: Omit<StoredEvent, "version">): StoredEvent {
    const event = { ...change, version: ++this.#version };
    const objects = this.#objects.get(change.resource)!;
    if (event.after === undefined) objects.delete(event.before!.key);
    else objects.set(event.after.key, event.after);
    this.#history.push(event);
    return event;
  }

  #rebuild(resource: Resource, version: bigint): readonly StoredObject[] {
    const objects = new Map(this.#objects.get(resource));
    for (const { resource: changed, before, after } of this.since(version).toReversed()) {
      if (changed !== resource) continue;
      if (before === undefined) objects.delete(after!.key);
      else objects.set(before.key, before);
    }
    return [...objects.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** The key of an object within its resource. */
export function keyOf({ namespace = "", name }: Pick<KubernetesObject["metadata"], "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** `json` as an object on its own has it: with its type. */
export function withType({ resource, json }: Pick<StoredObject, "resource" | "json">): string {
  return `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}",${json.slice(1)}`;
}

/** `stored` as the last state of an object that is gone at `version`. */
export function asOfVersion(stored: StoredObject, version: bigint): StoredObject {
  const { metadata, ...fields } = stored.value;
  return freeze(stored.resource, { ...fields, metadata: { ...metadata, resourceVersion: String(version) } });
}

function complete(object: KubernetesObject, before: StoredObject | undefined, version: bigint): StoredObject {
  const resource = resourceOf(object);
  const old = before?.value.metadata;
  const metadata = {
    ...object.metadata,
    uid: old?.uid ?? object.metadata.uid ?? randomUUID(),
    resourceVersion: String(version),
    creationTimestamp: old?.creationTimestamp ?? object.metadata.creationTimestamp ?? now(),
    managedFields: object.metadata["managedFields"] ?? [managedFields(object)],
  };
  return freeze(resource, { ...object, metadata });
}

function freeze(resource: Resource, value: KubernetesObject): StoredObject {
  const { apiVersion: _version, kind: _kind, metadata, ...fields } = value;
  return { resource, key: keyOf(metadata), value, json: JSON.stringify({ metadata, ...fields }) };
}

/** What servers add to all objects, and readers have no use for: which fields a client has set. */
function managedFields({ apiVersion, kind: _kind, metadata, ...fields }: KubernetesObject): object {
  const { labels = {} } = metadata;
  const own = Object.entries(fields).map(([field, value]) => [`f:${field}`, value === null ? {} : ownedOf(value)]);
  const fieldsV1 = { "f:metadata": { "f:labels": { ".": {}, ...ownedOf(labels) } }, ...Object.fromEntries(own) };
  return { manager: "scripted", operation: "Update", apiVersion, time: now(), fieldsType: "FieldsV1", fieldsV1 };
}

function ownedOf(value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.keys(value).map((field) => [`f:${field}`, {}]));
}

/** Times of the API have no fractions. */
function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
