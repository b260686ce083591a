// Reasons of replies by themselves: of other servers, which tell no cause, and with several clusters.
import { describe, expect, test } from "vitest";
import { CAUSE } from "../../src/answer/answer-note.ts";
import { RCODE } from "../../src/dns/constants.ts";
import { parseName } from "../../src/dns/name.ts";
import type { ExplainView } from "../../src/explain/explain-view.ts";
import { findReason } from "../../src/explain/find-reason.ts";
import type { Reason } from "../../src/reasons/reason.ts";
import { smallView } from "../support/explained.ts";

const A = 1;

function reasonOf(view: ExplainView, name: string, rcode: number): Reason | undefined {
  return findReason({ name: parseName(name)!, type: A }, { rcode, answers: [] }, view);
}

describe("of a reply that tells no cause", () => {
  test.each<[name: string, rcode: number, reason: object]>([
    ["nope.prod.svc.cluster.local", RCODE.NXDOMAIN, { code: "no-service", nearest: "node" }],
    ["www.example.com", RCODE.NXDOMAIN, { code: "upstream-denied" }],
    ["www.example.com", RCODE.NOERROR, { code: "no-records-of-type", types: [] }],
    ["www.example.com", RCODE.REFUSED, { code: "not-served" }],
    ["web.prod.svc.cluster.local", RCODE.SERVFAIL, { code: "upstream-failed", cause: "failed" }],
    ["9.0.96.10.in-addr.arpa", RCODE.NXDOMAIN, { code: "no-pointer", address: "10.96.0.9" }],
  ])("%s %d", async (name, rcode, reason) => {
    expect(reasonOf(await smallView(), name, rcode)).toMatchObject(reason);
  });
});

test("of upstreams, as the extended error says", async () => {
  const view = { ...(await smallView()), routeOf: () => ({ domain: ".", upstreams: ["10.0.0.2", "10.0.0.3"] }) };
  const question = { name: parseName("www.example.com")!, type: A };
  const reply = { rcode: RCODE.SERVFAIL, answers: [], note: { cause: CAUSE.FAILED, ede: 22 } };
  expect(findReason(question, reply, view)).toMatchObject({ upstream: "10.0.0.2, 10.0.0.3", cause: "timed out" });
  expect(findReason(question, { ...reply, text: "upstream 10.0.0.3 refuses connections" }, view)).toMatchObject({
    upstream: "10.0.0.3",
    cause: "refuses connections",
  });
});

test("of several clusters, that of the name counts, and a service may be meant in another", async () => {
  const view = await smallView();
  const [own] = view.clusters;
  const several = { ...view, clusters: [{ ...own!, domain: "east.local" }, own!] };
  expect(reasonOf(several, "nope.prod.svc.east.local", RCODE.NXDOMAIN)).toMatchObject({ code: "no-service" });
  expect(reasonOf(several, "web.prod.cluster.local", RCODE.NXDOMAIN)).toMatchObject({
    code: "no-cluster-name",
    nearest: "web.prod.svc.cluster.local",
  });
  expect(reasonOf(several, "web.prod.svc.west.local", RCODE.NXDOMAIN)).toMatchObject({
    code: "other-domain",
    domain: "west.local",
    nearest: "web.prod.svc.east.local",
  });
});
