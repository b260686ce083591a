// Origins for tests of what holds objects: by name, all of one source. And changes made with them.
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import type { Origin } from "../../../src/objects/origin.ts";
import type { SourceChange } from "../../../src/cluster/change.ts";

/** An origin of that name; `more` overrides what it has otherwise. */
export function originNamed(name: string, more: Partial<Origin> = {}): Origin {
  return { source: "test", precedence: 10, order: 0, name, isControlled: true, ...more };
}

const ORIGIN = originNamed("1");

export function put(object: KubeObject, origin = ORIGIN): SourceChange {
  return { type: "put", origin, object };
}

export function remove(key: string, origin = ORIGIN): SourceChange {
  return { type: "remove", origin, key };
}

export function replace(objects: readonly KubeObject[], origin = ORIGIN): SourceChange {
  return { type: "replace", origin, objects };
}
