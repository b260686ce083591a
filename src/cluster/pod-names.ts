// Which pod has an address: by the pods themselves, and by the endpoints of services, which name their pods where no
// pods are known. Follows the differences of the registry. Pure. An address of several pods, such as one of the host
// network, identifies none.
import { MultiMap } from "../std/multi-map.ts";
import { isOver } from "../objects/kube-object.ts";
import type { Endpoint, KubeObject, Pod } from "../objects/kube-object.ts";
import type { Difference } from "./registry.ts";

/** A pod's name at an address. */
interface PodName {
  /** `NAMESPACE/NAME` */
  readonly text: string;
}

export class PodNames {
  readonly #names = new MultiMap<PodName>();
  /** By the pod or endpoint that gave the name. */
  readonly #given = new WeakMap<Pod | Endpoint, PodName>();

  /** `objects`: all objects of the registry. */
  constructor(objects: Iterable<KubeObject>) {
    for (const object of objects) this.#change("add", object);
  }

  apply(differences: readonly Difference[]): void {
    for (const { before, after } of differences) {
      if (before !== undefined) this.#change("delete", before);
      if (after !== undefined) this.#change("add", after);
    }
  }

  /** The only pod at the address, as `NAMESPACE/NAME`; the address is in canonical form. */
  podAt(address: string): string | undefined {
    let found: string | undefined;
    for (const { text } of this.#names.get(address)) {
      if (found !== undefined && found !== text) return undefined;
      found = text;
    }
    return found;
  }

  #change(method: "add" | "delete", object: KubeObject): void {
    const { kind, namespace } = object;
    if (kind === "Pod") {
      if (!isOver(object) && !object.hostNetwork)
        this.#changeAll(method, object, object.ips, `${namespace}/${object.name}`);
    } else if (kind === "EndpointSlice") {
      for (const endpoint of object.endpoints) {
        const { podName, addresses } = endpoint;
        if (podName !== undefined) this.#changeAll(method, endpoint, addresses, `${namespace}/${podName}`);
      }
    }
  }

  #changeAll(method: "add" | "delete", giver: Pod | Endpoint, addresses: readonly string[], text: string): void {
    let name = this.#given.get(giver);
    if (name === undefined) this.#given.set(giver, (name = { text }));
    for (const address of addresses) this.#names[method](address, name);
  }
}
