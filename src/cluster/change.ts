// The changes that sources and controllers hand to the registry: which origin holds which objects.
// Types only, plus the origins of controllers.
import type { KubeObject } from "../objects/kube-object.ts";
import type { Origin } from "../objects/origin.ts";

/**
 * `replace`: the origin now holds exactly these objects. `put`: it holds this one, in place of its namesake. `remove`:
 * it no longer holds the object of that key (see `objectKey`). `withdraw`: no origin of that source holds anything.
 * `savedAtMs`: when the origin, a file, was saved, wall clock; absent at the start, and where nobody knows.
 */
export type SourceChange =
  | {
      readonly type: "replace";
      readonly origin: Origin;
      readonly objects: readonly KubeObject[];
      readonly savedAtMs?: number;
    }
  | { readonly type: "put"; readonly origin: Origin; readonly object: KubeObject }
  | { readonly type: "remove"; readonly origin: Origin; readonly key: string }
  | { readonly type: "withdraw"; readonly source: string };

/** A controller may also amend an object: `object`, of the same key, replaces `base` as long as `base` wins. */
export type Change = SourceChange | { readonly type: "amend"; readonly base: KubeObject; readonly object: KubeObject };

const CONTROLLERS = "controllers";

/** Whether controllers, and no source, hold the objects of the origin. */
export function isOfController({ source }: Origin): boolean {
  return source === CONTROLLERS;
}

/** The origin of objects that a controller makes. It comes after all sources: an object of a source wins. */
export function controllerOrigin(name: string): Origin {
  return { source: CONTROLLERS, precedence: Number.POSITIVE_INFINITY, order: 0, name, isControlled: true };
}
