// The sentences of explanations, for the objects of a small cluster: what a user reads first.
import { describe, expect, test } from "vitest";
import type { ExplainQuestion } from "../../src/explain/explanation.ts";
import { explained } from "../support/explained.ts";

const FROM_PROD = { from: "prod" };

describe("the sentence", () => {
  test.each<[ExplainQuestion, string]>([
    [{ name: "web", ...FROM_PROD }, "web resolves to 10.96.0.20: service web in namespace prod (source test)."],
    [{ name: "nope.prod" }, "nope.prod does not resolve: no service nope in namespace prod; nearest: node."],
    [{ name: "web" }, "web does not resolve: no service web in namespace default; nearest: web in namespace prod."],
    [{ name: "web.prd" }, "web.prd does not resolve: no such namespace: prd; nearest: prod."],
    [
      { name: "prod.web" },
      "prod.web does not resolve: no such namespace: web; nearest: service web in namespace prod.",
    ],
    [
      { name: "web.prod.cluster.local." },
      "web.prod.cluster.local. does not resolve: no name web.prod.cluster.local in the cluster cluster.local: " +
        "services are SERVICE.NAMESPACE.svc.cluster.local; nearest: web.prod.svc.cluster.local.",
    ],
    [
      { name: "web.prod.svc.cluster.example" },
      "web.prod.svc.cluster.example does not resolve: no cluster here has the domain cluster.example; " +
        "nearest: web.prod.svc.cluster.local.",
    ],
    [
      { name: "idle", ...FROM_PROD },
      "idle does not resolve: no ready endpoint, 1 not ready: service idle in namespace prod.",
    ],
    [{ name: "db-1.db.prod" }, "db-1.db.prod does not resolve: no endpoint db-1 of service db in namespace prod."],
    [
      { name: "10-244-0-6.db.prod" },
      "10-244-0-6.db.prod does not resolve: endpoint 10-244-0-6 of service db in namespace prod is not ready.",
    ],
    [
      { name: "db-0.db", ...FROM_PROD },
      "db-0.db resolves to 10.244.0.5: endpoint db-0 of service db in namespace prod (source test).",
    ],
    [
      { name: "_htp._tcp.web.prod", type: "SRV" },
      "_htp._tcp.web.prod does not resolve: port not named: htp/TCP of service web in namespace prod; named: http/TCP.",
    ],
    [
      { name: "web.prod", type: "AAAA" },
      "web.prod does not resolve: service web in namespace prod has no IPv6 address.",
    ],
    [{ name: "printer.local" }, "printer.local does not resolve: names under .local are not forwarded."],
    [
      { name: "example.com" },
      "example.com does not resolve: example.com is in no local zone, and there is no upstream.",
    ],
    [
      { name: "mail.prod" },
      "mail.prod does not resolve: mail.example.com is in no local zone, and there is no upstream.",
    ],
    [
      { name: "10-0-0-300.prod.pod.cluster.local" },
      "10-0-0-300.prod.pod.cluster.local does not resolve: 10-0-0-300 is not an address: names of pods are addresses " +
        "with hyphens.",
    ],
    [
      { name: "20.0.96.10.in-addr.arpa", type: "PTR" },
      "20.0.96.10.in-addr.arpa resolves to web.prod.svc.cluster.local.: service web in namespace prod (source test).",
    ],
    [
      { name: "9.9.96.10.in-addr.arpa", type: "PTR" },
      "9.9.96.10.in-addr.arpa does not resolve: no service or ready endpoint has the address 10.96.9.9.",
    ],
  ])("of %j", async (question, sentence) => {
    expect((await explained(question)).sentence).toBe(sentence);
  });

  test.each([
    [
      "mail.prod",
      "mail.prod is an alias of mail.example.com, which is forwarded to 192.0.2.2; nobody was asked.",
      ["no-name", "forwarded"],
    ],
    [
      "www.example.org",
      "www.example.org is forwarded to 192.0.2.1; nobody was asked.",
      ["no-name", "no-name", "no-name", "forwarded"],
    ],
  ])("of a name that would be forwarded: %s", async (name, sentence, outcomes) => {
    const settings = { upstream: "192.0.2.1", stubDomain: "example.com=192.0.2.2" };
    const explanation = await explained({ name }, settings);
    expect(explanation).toMatchObject({ sentence, isResolved: false });
    expect(explanation.candidates.map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});
