// Keeps the objects of a cluster within the memory: what does not fit is refused before the system ends the process.
// Counts estimates, object by object. Pure.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { MemoryRoom } from "../../std/memory-room.ts";
import { costOfObject } from "../content-cost.ts";

export class ObjectBudget {
  readonly #room: MemoryRoom;
  readonly #holder: string;
  readonly #costs = new Map<string, number>();
  #bytes = 0;
  /** What the objects take that did not fit, bytes, by their keys. */
  readonly #refused = new Map<string, number>();

  /** `holder` is the name of the account in `room`. */
  constructor(room: MemoryRoom, holder: string) {
    this.#room = room;
    this.#holder = holder;
  }

  /** What the refused objects take, bytes. */
  get refusedBytes(): number {
    let sum = 0;
    for (const bytes of this.#refused.values()) sum += bytes;
    return sum;
  }

  /** The refused objects that would fit now, by their keys. */
  get fitting(): readonly string[] {
    let free = this.#room.free;
    return [...this.#refused].flatMap(([key, bytes]) => {
      const growth = bytes - (this.#costs.get(key) ?? 0);
      if (growth > free) return [];
      free -= growth;
      return [key];
    });
  }

  /** The objects that fit; the others are refused, and their last state stays. */
  take(objects: readonly KubeObject[], removedKeys: readonly string[]): readonly KubeObject[] {
    for (const key of removedKeys) this.#set(key, 0);
    return objects.filter((object) => this.#set(objectKey(object), costOfObject(object)));
  }

  #set(key: string, cost: number): boolean {
    const bytes = this.#bytes - (this.#costs.get(key) ?? 0) + cost;
    if (!this.#room.take(this.#holder, bytes)) {
      this.#refused.set(key, cost);
      return false;
    }
    this.#bytes = bytes;
    this.#refused.delete(key);
    if (cost === 0) this.#costs.delete(key);
    else this.#costs.set(key, cost);
    return true;
  }
}
