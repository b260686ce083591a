// The interface of controllers. Each one stands in for a controller of a real cluster: it reads the registry and
// returns the changes that follow from other changes.
import type { Problem } from "../../objects/problem.ts";
import type { Sliced } from "../../std/sliced.ts";
import type { Change } from "../change.ts";
import type { Difference } from "../registry.ts";

export interface Controller {
  /** The changes that follow from `differences`, which include those of the controllers before this one. */
  reconcile(differences: readonly Difference[]): Sliced<readonly Change[]>;
  /** The current problems of the objects that this controller acts on. */
  problems?(): readonly Problem[];
}
