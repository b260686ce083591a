// Keeps the objects of a cluster within the memory: what does not fit is refused before the system ends the process.
// Counts estimates, object by object. Pure.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { MemoryRoom } from "../../std/memory-room.ts";
import { costOfObjects } from "../content-cost.ts";

export class ObjectBudget {
  readonly #room: MemoryRoom;
  readonly #holder: string;
  readonly #costs = new Map<string, number>();
  #bytes = 0;
  /** What the objects take that did not fit, bytes. */
  refusedBytes = 0;

  /** `holder` is the name of the account in `room`. */
  constructor(room: MemoryRoom, holder: string) {
    this.#room = room;
    this.#holder = holder;
  }

  /** The objects that fit; the others are refused, and their last state stays. */
  take(objects: readonly KubeObject[], removedKeys: readonly string[]): readonly KubeObject[] {
    for (const key of removedKeys) this.#set(key, 0);
    return objects.filter((object) => this.#set(objectKey(object), costOfObjects([object])));
  }

  #set(key: string, cost: number): boolean {
    const bytes = this.#bytes - (this.#costs.get(key) ?? 0) + cost;
    if (!this.#room.take(this.#holder, bytes)) {
      this.refusedBytes += cost;
      return false;
    }
    this.#bytes = bytes;
    if (cost === 0) this.#costs.delete(key);
    else this.#costs.set(key, cost);
    return true;
  }
}
