// Who asks: the search list and address of a namespace, a pod, an address; and the names that a resolver asks for.
import { describe, expect, test } from "vitest";
import { candidateNames, findAsker } from "../../src/explain/asker.ts";
import { smallView } from "../support/explained.ts";

const LIST = { domains: ["prod.svc.c.local", "svc.c.local"], ndots: 2 };

describe("the names that are asked for", () => {
  test.each([
    ["web", ["web.prod.svc.c.local.", "web.svc.c.local.", "web."]],
    ["web.prod", ["web.prod.prod.svc.c.local.", "web.prod.svc.c.local.", "web.prod."]],
    ["api.example.com", ["api.example.com.", "api.example.com.prod.svc.c.local.", "api.example.com.svc.c.local."]],
    ["web.", ["web."]],
    ["a\\.", ["a\\..prod.svc.c.local.", "a\\..svc.c.local.", "a\\.."]],
    ["a\\\\.", ["a\\\\."]],
  ])("for %s", (name, names) => {
    expect(candidateNames(name, LIST)).toEqual(names);
  });

  test("are names: one that would be too long is left out", () => {
    const name = Array.from({ length: 4 }, () => "x".repeat(61)).join(".");
    expect(candidateNames(name, { domains: ["prod.svc.cluster.local"], ndots: 5 })).toEqual([`${name}.`]);
  });
});

describe("who asks", () => {
  test.each([
    ["prod", { of: "namespace prod", address: "10.244.0.1", ndots: 5 }, []],
    ["prod/db-0", { of: "pod prod/db-0", address: "10.244.0.5", ndots: 5 }, []],
    ["10.244.0.5", { of: "pod prod/db-0", address: "10.244.0.5" }, []],
    [
      "8.8.8.8",
      { of: "8.8.8.8", address: "8.8.8.8", domains: [], ndots: 1 },
      ["no pod has the address 8.8.8.8: no search list is known for it"],
    ],
    ["prdo", { of: "namespace prdo" }, ["nothing is in the namespace prdo; nearest: prod"]],
  ])("%s", async (from, search, hints) => {
    expect(findAsker(from, await smallView())).toMatchObject({ search, hints });
  });

  test("with the search list of the cluster, then of the node", async () => {
    const node = { nameservers: [], searches: ["corp.example"], options: [] };
    expect(findAsker("prod", { ...(await smallView()), node })).toMatchObject({
      search: { domains: ["prod.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example"] },
    });
  });

  test("who does not exist", async () => {
    expect(findAsker("prod/db-9", await smallView())).toEqual({
      fault: "there is no pod prod/db-9; nearest: prod/db-0",
      isMissing: true,
    });
    expect(findAsker("a/b/c", await smallView())).toMatchObject({ fault: /^"a\/b\/c" is not / });
  });
});
