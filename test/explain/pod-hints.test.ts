// What is told of pods that somebody asks for by name or address, and of selectors without pods.
import { expect, test } from "vitest";
import { noPodHints, podAddressHints, podNameHints } from "../../src/explain/pod-hints.ts";
import { smallView } from "../support/explained.ts";

const [cluster] = (await smallView()).clusters;

test.each([
  ["db-0", ["pod db-0 has the name db-0.db.prod.svc.cluster.local"]],
  ["db-1", ["pod db-1 has no name of its own: a headless service, and its hostname and subdomain give it one"]],
  ["db-9", []],
])("of the name %s", (name, hints) => {
  expect(podNameHints(name, "prod", cluster!)).toEqual(hints);
});

test.each([
  ["10.244.0.7", [expect.stringMatching(/^Pod prod\/idle-0 has the address: /)]],
  ["10.244.0.99", []],
])("of the address %s", (address, hints) => {
  expect(podAddressHints(address, cluster!)).toEqual(hints);
});

test("of a selector that pods of another namespace match", () => {
  const service = { ...cluster!.registry.service("prod", "db")!, namespace: "shop" };
  expect(noPodHints(service, cluster!)).toEqual([
    "no pod of namespace shop has app=db",
    "Pod prod/db-0 has app=db: a selector matches pods of its own namespace only",
    "Pod prod/db-1 has app=db: a selector matches pods of its own namespace only",
  ]);
});
