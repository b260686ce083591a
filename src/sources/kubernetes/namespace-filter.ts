// Leaves out the objects of namespaces that a selector does not select. Namespaces come and go, and their labels
// change, so all objects are kept. Without a selector there is no need for it. Pure.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";

/** What is to be passed on. */
export interface FilteredChange {
  readonly objects: readonly KubeObject[];
  readonly removedKeys: readonly string[];
}

export class NamespaceFilter {
  readonly #selected = new Set<string>();
  readonly #objects = new Map<string, Map<string, KubeObject>>();

  /** A change of the API's objects, of which the namespaces are selected already. */
  apply(objects: readonly KubeObject[], removedKeys: readonly string[]): FilteredChange {
    const passed: KubeObject[] = [];
    const removed: string[] = [];
    for (const object of objects) this.#put(object, passed);
    for (const key of removedKeys) this.#remove(key, removed);
    return { objects: passed, removedKeys: removed };
  }

  #put(object: KubeObject, passed: KubeObject[]): void {
    if (object.kind === "Namespace") {
      passed.push(object);
      if (this.#selected.has(object.name)) return;
      this.#selected.add(object.name);
      passed.push(...(this.#objects.get(object.name)?.values() ?? []));
      return;
    }
    const known = this.#objects.get(object.namespace) ?? new Map<string, KubeObject>();
    this.#objects.set(object.namespace, known.set(objectKey(object), object));
    if (this.#selected.has(object.namespace)) passed.push(object);
  }

  #remove(key: string, removed: string[]): void {
    removed.push(key);
    // `Namespace /name`, or `Kind namespace/name`.
    const [kind, path] = key.split(" ", 2);
    const [namespace, name] = path!.split("/", 2);
    if (kind === "Namespace") {
      this.#selected.delete(name!);
      removed.push(...(this.#objects.get(name!)?.keys() ?? []));
      return;
    }
    const known = this.#objects.get(namespace!);
    known?.delete(key);
    if (known?.size === 0) this.#objects.delete(namespace!);
  }
}
