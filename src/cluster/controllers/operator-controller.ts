// Stands in for the operators of the table in objects/operators/: puts the services and workloads that an operator
// makes for a resource, as long as the resource is there. An object of a source wins, and a live cluster has operators
// of its own. docs/workloads.md.
import type { KubeObject, OtherObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import type { Controller } from "./controller.ts";

export class OperatorController implements Controller {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  *reconcile(differences: readonly Difference[]): Sliced<readonly Change[]> {
    const changes: Change[] = [];
    for (const { before, after } of differences) {
      const resource = makerOf(after) ?? makerOf(before);
      if (resource === undefined) continue;
      const key = objectKey(resource);
      const objects = this.#registry.isControlled(key) ? (makerOf(after)?.makes ?? []) : [];
      // An origin for each resource: what two of them make stays until both are gone.
      changes.push({ type: "replace", origin: controllerOrigin(`operator of ${key}`), objects });
      yield;
    }
    return changes;
  }
}

function makerOf(object: KubeObject | undefined): OtherObject | undefined {
  return object?.kind === "Other" && object.makes !== undefined ? object : undefined;
}
