// The sentences of reasons, and the codes of extended errors.
import { expect, test } from "vitest";
import { EDE } from "../../src/dns/constants.ts";
import { extendedErrorOf, formatReason } from "../../src/reasons/reason.ts";
import type { Reason } from "../../src/reasons/reason.ts";

const web = { service: "web", namespace: "prod" };
const SENTENCES: readonly (readonly [Reason, string])[] = [
  [
    { code: "no-service", service: "nope", namespace: "prod", nearest: "node" },
    "no service nope in namespace prod; nearest: node",
  ],
  [{ code: "no-service", service: "nope", namespace: "prod" }, "no service nope in namespace prod"],
  [{ code: "no-namespace", namespace: "prd", nearest: "prod" }, "no such namespace: prd; nearest: prod"],
  [{ code: "no-ready-endpoint", ...web, notReady: 2 }, "no ready endpoint, 2 not ready: service web in namespace prod"],
  [
    { code: "port-not-named", ...web, port: "http", protocol: "TCP", ports: [{ name: "metrics", protocol: "TCP" }] },
    "port not named: http/TCP of service web in namespace prod; named: metrics/TCP",
  ],
  [
    { code: "port-not-named", ...web, port: "http", protocol: "TCP", ports: [] },
    "port not named: http/TCP of service web in namespace prod; named: none",
  ],
  [
    { code: "port-not-named", ...web, port: "http", protocol: "", ports: [] },
    "port not named: http of service web in namespace prod; named: none",
  ],
  [
    { code: "no-endpoint-port", ...web, port: "http", protocol: "TCP" },
    "no ready endpoint has the port http/TCP of service web in namespace prod",
  ],
  [
    { code: "other-domain", domain: "k8s.example", nearest: "web.prod.svc.cluster.local" },
    "no cluster here has the domain k8s.example; nearest: web.prod.svc.cluster.local",
  ],
  [
    { code: "other-domain", domain: ".", nearest: "web.prod.svc.cluster.local" },
    "the cluster domain is missing; nearest: web.prod.svc.cluster.local",
  ],
  [{ code: "no-records-of-type", name: "a.example", type: "MX", types: [] }, "a.example has no MX records"],
  [
    { code: "no-records-of-type", name: "a.example", type: "MX", types: ["A"] },
    "a.example has no MX records; it has A",
  ],
  [{ code: "special-not-forwarded", domain: "local" }, "names under .local are not forwarded"],
  [{ code: "upstream-failed", upstream: "10.0.0.2", cause: "timed out" }, "upstream 10.0.0.2 timed out"],
  [{ code: "no-address-of-family", ...web, family: 6 }, "service web in namespace prod has no IPv6 address"],
];

test.each(SENTENCES)("%o", (reason, sentence) => {
  expect(formatReason(reason)).toBe(sentence);
});

test("the code of the extended error says who is at fault, where RFC 8914 has a code for it", () => {
  expect(extendedErrorOf("not-loaded")).toBe(EDE.NOT_READY);
  expect(extendedErrorOf("client-not-allowed")).toBe(EDE.PROHIBITED);
  expect(extendedErrorOf("no-service")).toBe(EDE.OTHER);
});
