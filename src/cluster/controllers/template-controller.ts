// Stands in for the part of Argo Rollouts that uses the template of another workload (`workloadRef`): gives the Rollout
// that template, and takes the pods from the other workload where the Rollout says so. Amends both in the registry.
// Argo Rollouts: "Migrating to Rollouts", reference an existing Deployment.
import type { Workload } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Sliced } from "../../std/sliced.ts";
import { MultiMap } from "../../std/multi-map.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import type { Controller } from "./controller.ts";

export class TemplateController implements Controller {
  readonly #registry: Registry;
  /** The workloads without a template of their own, by the key of the workload that has it. */
  readonly #users = new MultiMap<Workload>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  *reconcile(differences: readonly Difference[]): Sliced<readonly Change[]> {
    const touched = new Set<string>();
    for (const { before, after } of differences) {
      if (before?.kind === "Workload") this.#track(before, "delete", touched);
      if (after?.kind === "Workload") this.#track(after, "add", touched);
      yield;
    }
    return [...touched].flatMap((key) => this.#amend(key));
  }

  #track(workload: Workload, method: "add" | "delete", touched: Set<string>): void {
    const key = objectKey(workload);
    if (workload.templateFrom !== undefined) {
      const source = sourceKey(workload);
      // An amended workload is tracked as its source gave it.
      for (const user of [...this.#users.get(source)]) if (objectKey(user) === key) this.#users.delete(source, user);
      if (method === "add") this.#users.add(source, workload);
      touched.add(source);
      touched.add(key);
    }
    const users = [...this.#users.get(key)];
    if (users.length > 0) touched.add(key);
    for (const user of users) touched.add(objectKey(user));
  }

  #amend(key: string): readonly Change[] {
    const base = this.#registry.given(key);
    if (base?.kind !== "Workload" || !this.#registry.isControlled(key)) return [];
    const object = this.#isScaledDown(key) ? { ...base, replicas: 0 } : this.#withTemplate(base);
    return [{ type: "amend", base, object: Object.freeze(object) }];
  }

  #isScaledDown(key: string): boolean {
    return [...this.#users.get(key)].some(({ templateFrom }) => templateFrom!.scaledDown);
  }

  #withTemplate(base: Workload): Workload {
    if (base.templateFrom === undefined) return base;
    const source = this.#registry.given(sourceKey(base));
    if (source?.kind !== "Workload" || source.templateFrom !== undefined) return { ...base, replicas: 0 };
    return { ...base, template: source.template, selector: source.selector };
  }
}

function sourceKey({ namespace, templateFrom }: Workload): string {
  return `${templateFrom!.kind} ${namespace}/${templateFrom!.name}`;
}
