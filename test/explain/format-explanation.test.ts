// The text of an explanation: the sentence, hints, each candidate in order, the objects behind the one that is meant.
import { expect, test } from "vitest";
import { formatExplanation } from "../../src/explain/format-explanation.ts";
import { explained } from "../support/explained.ts";

test("the sentence comes first, then the evidence", async () => {
  expect(formatExplanation(await explained({ name: "db-1.db", from: "prod/db-0" }))).toBe(`\
db-1.db does not resolve: no endpoint db-1 of service db in namespace prod.
  hint: pod db-1 has a name of its own only with hostname and subdomain: db
  hint: its endpoints are 10-244-0-6, db-0

asked by pod prod/db-0 at 10.244.0.5
search list: prod.svc.cluster.local svc.cluster.local cluster.local (ndots 5)

db-1.db.prod.svc.cluster.local.
  A, AAAA: NXDOMAIN
  why: no endpoint db-1 of service db in namespace prod
  decided by the cluster cluster.local
  service prod/db (source test): Headless
    selector: app=db
    port sql 5432/TCP: _sql._tcp.db.prod.svc.cluster.local.
    pods: 2
      db-1 (source test) 10.244.0.6: not ready: its condition Ready is not True, or it is being deleted
      db-0 (source test) 10.244.0.5: ready
    EndpointSlice (follows from the objects above): 2
      10-244-0-6 10.244.0.6 pod db-1: not ready
      db-0 10.244.0.5 pod db-0: ready

db-1.db.svc.cluster.local.
  A, AAAA: NXDOMAIN
  why: no such namespace: db

db-1.db.cluster.local.
  A, AAAA: NXDOMAIN
  why: no name db-1.db.cluster.local in the cluster cluster.local: services are SERVICE.NAMESPACE.svc.cluster.local

db-1.db.
  A, AAAA: REFUSED
  why: db-1.db is in no local zone, and there is no upstream
  decided by nothing: no zone has the name, and there is no upstream
`);
});

test("what could disguise a line is spelled out", async () => {
  expect(formatExplanation(await explained({ name: "a\u001b[2Jb." }))).not.toContain("\u001b");
});
