import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import { parseObject } from "../../../src/objects/parse-object.ts";
import { NamespaceFilter } from "../../../src/sources/kubernetes/namespace-filter.ts";

function parse(object: object): KubeObject {
  return parseObject(object, { namespace: "", locate: () => undefined, isLive: true }).object!;
}

const NAMESPACES = ["a", "b"];
const namespaces = NAMESPACES.map((name) => parse({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
const services = NAMESPACES.flatMap((namespace) =>
  ["x", "y"].map((name) => parse({ apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec: {} })),
);
const changes = fc.array(fc.record({ object: fc.constantFrom(...namespaces, ...services), isRemoval: fc.boolean() }), {
  maxLength: 40,
});

test("what it passes on is what a look at the whole state would leave", () => {
  fc.assert(
    fc.property(changes, (all) => {
      const filter = new NamespaceFilter();
      const passed = new Set<string>();
      const state = new Map<string, KubeObject>();
      for (const { object, isRemoval } of all) {
        const key = objectKey(object);
        const { objects, removedKeys } = isRemoval ? filter.apply([], [key]) : filter.apply([object], []);
        if (isRemoval) state.delete(key);
        else state.set(key, object);
        for (const removed of removedKeys) passed.delete(removed);
        for (const each of objects) passed.add(objectKey(each));
        const wanted = [...state.values()].filter(
          ({ kind, namespace }) => kind === "Namespace" || state.has(`Namespace /${namespace}`),
        );
        expect([...passed].toSorted()).toEqual(wanted.map(objectKey).toSorted());
      }
    }),
  );
});
