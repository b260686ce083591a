// The nearest name in a reply is the one that `explain` gives, for random services and namespaces that come and go.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NearestLabel } from "../../src/answer/nearest-label.ts";
import { ClusterNames } from "../../src/compile/cluster-names.ts";
import { NODE_LEVELS } from "../../src/compile/node-kind.ts";
import { ZoneCompiler } from "../../src/compile/zone-compiler.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { prependLabels } from "../../src/dns/name.ts";
import type { ExplainedCluster } from "../../src/explain/explain-view.ts";
import { nearestNamespace, nearestService } from "../../src/explain/nearest-names.ts";
import { Registry } from "../../src/cluster/registry.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { editDistance } from "../../src/std/nearest.ts";
import { TableReader } from "../../src/table/reader.ts";
import { LEVEL } from "../../src/table/reason-texts.ts";
import { TableWriter } from "../../src/table/writer.ts";
import { namespace, service } from "../support/core/objects.ts";

const ORIGIN = { source: "test", precedence: 0, order: 0, name: "", isControlled: true } as const;
const names = new ClusterNames("z");

class World {
  readonly registry = new Registry();
  readonly reader: TableReader;
  readonly nearest: NearestLabel;
  readonly #compiler: ZoneCompiler;
  #serial = 0;

  constructor() {
    let reader: TableReader | undefined;
    const writer = new TableWriter([5, 6], (buffer) => reader?.attach(buffer), NODE_LEVELS);
    this.reader = reader = new TableReader(writer.buffer);
    this.nearest = new NearestLabel(reader);
    this.#compiler = new ZoneCompiler(this.registry, writer, optionsFromSettings({ clusterDomain: "z" }));
  }

  /** Replaces all services: `namespace/name`, headless ones without endpoints with a `-` before that. */
  set(services: readonly string[]): void {
    const keys = services.map((each) => each.replace(/^-/, ""));
    const namespaces = [...new Set(keys.map((key) => key.split("/")[0]!))];
    const objects: KubeObject[] = [
      ...namespaces.map((name) => namespace(name)),
      ...services.map((each, i) =>
        each.startsWith("-")
          ? service(each.slice(1), { headless: true })
          : service(each, { clusterIPs: [`10.96.${i >> 8}.${i & 255}`] }),
      ),
    ];
    this.#compiler.update(this.registry.apply([{ type: "replace", origin: ORIGIN, objects }]), ++this.#serial);
  }

  /** The nearest label of that at `labels[at]` below `node`. */
  #find(labels: readonly string[], node: Uint8Array, level: number): string | undefined {
    const name = prependLabels(labels, node);
    const at = name.length - node.length;
    const below = at - 1 - labels.at(-1)!.length;
    const entry = this.reader.find(node, 0, node.length);
    if (!this.nearest.find(name, 0, below, at, name.length, entry, level)) return undefined;
    return Buffer.from(this.nearest.label.subarray(1, 1 + this.nearest.label[0]!)).toString();
  }

  service(name: string, below: string): string | undefined {
    return this.#find([name], names.servicesOf(below), LEVEL.MEMBER);
  }

  namespace(name: string, below: string | undefined): string | undefined {
    return this.#find([...(below === undefined ? [] : [below]), name], names.services, LEVEL.GROUP);
  }

  get cluster(): ExplainedCluster {
    return { registry: this.registry, domain: "z" } as ExplainedCluster;
  }
}

const label = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
const services = fc
  .uniqueArray(
    fc.tuple(fc.boolean(), label, label).map(([isHeadless, a, b]) => [`${a}/${b}`, isHeadless] as const),
    { selector: ([key]) => key, maxLength: 14 },
  )
  .map((all) => all.map(([key, isHeadless]) => `${isHeadless ? "-" : ""}${key}`));

describe("the nearest label", () => {
  test("is what `explain` gives, and there where that is one edit away", () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(services, { minLength: 1, maxLength: 3 }), label, label, (states, a, b) => {
        const world = new World();
        for (const state of states) {
          world.set(state);
          if (!world.registry.hasNamespace(a)) {
            const own = world.namespace(a, b);
            const expected = nearestNamespace(a, b, world.cluster);
            if (own !== undefined) expect(own).toBe(expected);
            const alone = nearestNamespace(a, undefined, world.cluster);
            const isNear = alone !== undefined && editDistance(a, alone) === 1;
            expect(world.namespace(a, undefined)).toBe(isNear ? alone : undefined);
            found += Number(own !== undefined);
          } else if (world.registry.service(a, b) === undefined) {
            const expected = nearestService(a, b, world.cluster);
            const isNear = expected !== undefined && !expected.includes(" ") && editDistance(b, expected) === 1;
            expect(world.service(b, a)).toBe(isNear ? expected : undefined);
            found += Number(isNear);
          }
        }
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test.each(["nope", "noed", "nod", "nodes", "onde", "xode", "ode"])("%s, among a thousand services", (typed) => {
    const world = new World();
    const others = Array.from({ length: 1000 }, (_, i) => `prod/service-${i}`);
    world.set([...others, "prod/node"]);
    expect(world.service(typed, "prod")).toBe("node");
    world.set(others);
    expect(world.service(typed, "prod")).toBeUndefined();
  });

  test("is none where the label has bytes that services have not, and without an index", () => {
    const world = new World();
    world.set(["prod/node"]);
    expect(world.service("nod\\", "prod")).toBeUndefined();
    expect(world.service("prod", "prod")).toBeUndefined();
  });
});
