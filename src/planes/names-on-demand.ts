// Compiles the services that a question may touch, when it is asked: an explanation of one name needs a few of ten
// thousand services. Where other names may matter, it compiles everything.
import type { Registry } from "../cluster/registry.ts";
import type { ZoneCompiler } from "../compile/zone-compiler.ts";
import { formatName } from "../dns/name.ts";
import type { KubeObject } from "../objects/kube-object.ts";

const SERIAL = 1;

export class NamesOnDemand {
  readonly #registry: Registry;
  readonly #compiler: ZoneCompiler;
  readonly #compiled = new Set<KubeObject>();
  #hasAll = false;

  /** Compiles what makes namespaces exist. */
  constructor(registry: Registry, compiler: ZoneCompiler) {
    this.#registry = registry;
    this.#compiler = compiler;
    const ofNamespaces = new Map<string, KubeObject>();
    for (const object of registry.objects()) {
      const namespace = object.kind === "Namespace" ? object.name : object.namespace;
      if (!ofNamespaces.has(namespace)) ofNamespaces.set(namespace, object);
    }
    this.#compile([...ofNamespaces.values()]);
  }

  /** Compiles what the answer for the name, in wire form, may need; false: nothing was missing. */
  compileFor(name: Uint8Array): boolean {
    if (this.#hasAll) return false;
    const labels = formatName(name).toLowerCase().split(".").slice(0, -1);
    // Reverse names and names of pods may belong to any object.
    if (labels.at(-1) === "arpa" || labels.includes("pod")) return this.compileAll();
    return this.#compile(labels.flatMap((label, i) => this.#registry.service(labels[i + 1] ?? "", label) ?? []));
  }

  /** False: nothing was missing. */
  compileAll(): boolean {
    if (this.#hasAll) return false;
    this.#hasAll = true;
    this.#compiler.update(
      [...this.#registry.objects()].map((after) => ({ after })),
      SERIAL,
    );
    return true;
  }

  #compile(objects: readonly KubeObject[]): boolean {
    const missing = objects.filter((object) => !this.#compiled.has(object));
    for (const object of missing) this.#compiled.add(object);
    if (missing.length > 0)
      this.#compiler.update(
        missing.map((after) => ({ after })),
        SERIAL,
      );
    return missing.length > 0;
  }
}
