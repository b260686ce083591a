// What sources hand to the registry. An origin is one place that holds objects (a file, standard input, a live API);
// where two origins hold the same object, the one with the smaller rank wins.
import type { KubeObject } from "../objects/kube-object.ts";

/**
 * `replace`: the origin now holds exactly these objects. `put`: it holds this one, in place of its namesake.
 * `remove`: it no longer holds the object of that key (see `objectKey`).
 */
export type SourceChange =
  | {
      readonly type: "replace";
      readonly origin: string;
      readonly rank: string;
      readonly objects: readonly KubeObject[];
    }
  | { readonly type: "put"; readonly origin: string; readonly rank: string; readonly object: KubeObject }
  | { readonly type: "remove"; readonly origin: string; readonly key: string };

/** Controllers may also amend: while `base` is the object that counts, `object`, of the same key, stands for it. */
export type Change = SourceChange | { readonly type: "amend"; readonly base: KubeObject; readonly object: KubeObject };
