// What a controller is. Each stands in for one that a cluster runs; it reads the registry and answers changes with
// changes of its own.
import type { Problem } from "../../objects/problem.ts";
import type { Sliced } from "../../std/sliced.ts";
import type { Change } from "../change.ts";
import type { Difference } from "../registry.ts";

export interface Controller {
  /** The changes that follow from the differences. A controller is given every difference, its own included. */
  reconcile(differences: readonly Difference[]): Sliced<readonly Change[]>;
  /** What is wrong right now with the objects that it acts on. */
  problems?(): readonly Problem[];
}
