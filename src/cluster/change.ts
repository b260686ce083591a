// What sources and controllers hand to the registry: which origin holds which objects now.
// Only types, and the origins of controllers.
import type { KubeObject } from "../objects/kube-object.ts";
import type { Origin } from "../objects/origin.ts";

/**
 * `replace`: the origin now holds exactly these objects. `put`: it holds this one, in place of its namesake. `remove`:
 * it no longer holds the object of that key (see `objectKey`). `withdraw`: no origin of that source holds anything.
 */
export type SourceChange =
  | { readonly type: "replace"; readonly origin: Origin; readonly objects: readonly KubeObject[] }
  | { readonly type: "put"; readonly origin: Origin; readonly object: KubeObject }
  | { readonly type: "remove"; readonly origin: Origin; readonly key: string }
  | { readonly type: "withdraw"; readonly source: string };

/** Controllers may also amend: while `base` is the object that counts, `object`, of the same key, stands for it. */
export type Change = SourceChange | { readonly type: "amend"; readonly base: KubeObject; readonly object: KubeObject };

/** The origin of what a controller makes: after all sources, so that what people write comes first. */
export function controllerOrigin(name: string): Origin {
  return { source: "controllers", precedence: Number.POSITIVE_INFINITY, order: 0, name, isControlled: true };
}
