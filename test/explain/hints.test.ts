// What is told beside the cause: which names may be meant, what is not ready, what a final dot saves.
import { expect, test } from "vitest";
import type { ExplainQuestion } from "../../src/explain/explanation.ts";
import { explained } from "../support/explained.ts";

const IDLE = "pod idle-0 is not ready: its condition Ready is not True, or it is being deleted";

test.each<[ExplainQuestion, readonly string[]]>([
  [{ name: "web", from: "prod" }, []],
  [
    { name: "web.prod" },
    ["1 name is asked before it: web.prod.svc.cluster.local. with the final dot is asked at once"],
  ],
  [{ name: "web" }, ["a service web is in namespace prod: web.prod.svc.cluster.local"]],
  [{ name: "nope.prod" }, ["namespace prod has a service node: node.prod.svc.cluster.local"]],
  [{ name: "prod.web" }, ["service and namespace are swapped: the service comes first"]],
  [{ name: "web.prod.cluster.local." }, ["the label svc is missing"]],
  [{ name: "web.prod.svc.c.example" }, ["the cluster domain is cluster.local"]],
  [{ name: "idle.prod" }, [IDLE]],
  [
    { name: "db-1.db.prod" },
    ["pod db-1 has a name of its own only with hostname and subdomain: db", "its endpoints are 10-244-0-6, db-0"],
  ],
])("of %j", async (question, hints) => {
  expect((await explained(question)).hints).toEqual(hints);
});
