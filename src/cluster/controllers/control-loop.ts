// The control plane's loop over manifests: what sources hand over goes into the registry, then each controller in turn
// answers what has changed so far, as a cluster's own would. Pure; who calls it publishes what it returns.
import type { Problem } from "../../objects/problem.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";

/** Makes changes of its own out of what has changed; keeps in step with the registry by being told everything. */
export interface Controller {
  reconcile(differences: readonly Difference[]): readonly Change[];
  /** What is wrong right now with the objects that it looks after. */
  problems?(): readonly Problem[];
}

export class ControlLoop {
  readonly #registry: Registry;
  readonly #controllers: readonly Controller[];

  /** `controllers` in the order in which they build on each other. */
  constructor(registry: Registry, controllers: readonly Controller[]) {
    this.#registry = registry;
    this.#controllers = controllers;
  }

  /** Applies the changes and all that follow from them; returns every difference, in the order in which it came. */
  apply(changes: readonly Change[]): readonly Difference[] {
    const differences = [...this.#registry.apply(changes)];
    for (const controller of this.#controllers) {
      for (const difference of this.#registry.apply(controller.reconcile(differences))) differences.push(difference);
    }
    return differences;
  }

  problems(): readonly Problem[] {
    return this.#controllers.flatMap((controller) => controller.problems?.() ?? []);
  }
}
