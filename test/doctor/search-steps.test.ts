// The steps of a search by ndots and search list. test/clients shows that resolvers of C libraries search so.
import { expect, test } from "vitest";
import { clusterDomainOf, dotsIn, isAskable, ndotsOf, searchSteps } from "../../src/doctor/search-steps.ts";

const searches = ["shop.svc.cluster.local", "svc.cluster.local"];

test.each<[name: string, options: string[], steps: string[]]>([
  ["web", [], ["web.shop.svc.cluster.local.", "web.svc.cluster.local.", "web."]],
  ["web.shop", [], ["web.shop.", "web.shop.shop.svc.cluster.local.", "web.shop.svc.cluster.local."]],
  ["web.shop", ["ndots:5"], ["web.shop.shop.svc.cluster.local.", "web.shop.svc.cluster.local.", "web.shop."]],
  ["web.shop.", ["ndots:5"], ["web.shop."]],
  [
    "a.b.c.d.e.f",
    ["ndots:5"],
    ["a.b.c.d.e.f.", "a.b.c.d.e.f.shop.svc.cluster.local.", "a.b.c.d.e.f.svc.cluster.local."],
  ],
  [`${"x.".repeat(120)}y`, [], [`${"x.".repeat(120)}y.`]],
])("%s with %j", (name, options, steps) => {
  expect(searchSteps(name, { searches, options })).toEqual(steps);
});

test("ndots is 1, and 15 at most", () => {
  const values = [[], ["ndots:0"], ["ndots:5", "edns0"], ["ndots:99"], ["ndots:x"], ["ndots"]];
  expect(values.map((options) => ndotsOf({ options }))).toEqual([1, 0, 5, 15, 1, 1]);
});

test("the final dot does not count", () => {
  expect(["web", "web.", "a.b", "a.b."].map(dotsIn)).toEqual([0, 0, 1, 1]);
});

test("the cluster domain is that of the search list", () => {
  expect(clusterDomainOf({ searches })).toBe("cluster.local");
  expect(clusterDomainOf({ searches: ["example.com"] })).toBeUndefined();
});

test("a text that is no name", () => {
  expect(["a.example", "a..b", "", "x".repeat(64)].map(isAskable)).toEqual([true, false, false, false]);
});
