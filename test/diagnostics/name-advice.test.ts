// What to do, by the reason.
import { expect, test } from "vitest";
import { adviceFor } from "../../src/diagnostics/name-advice.ts";
import type { Reason } from "../../src/reasons/reason.ts";

const of = { service: "web", namespace: "prod" };

test.each<[reason: Reason, advice: RegExp]>([
  [{ code: "endpoint-not-ready", label: "web-0", ...of }, /publishNotReadyAddresses/],
  [{ code: "no-address-of-family", family: 6, ...of }, /IPv6 .*ipFamilies/],
  [{ code: "no-cluster-name", name: "a", domain: "c.local", nearest: "a.b.svc.c.local" }, /^use a\.b\.svc\.c\.local$/],
  [{ code: "no-cluster-name", name: "a", domain: "c.local" }, /^use SERVICE\.NAMESPACE\.svc\.c\.local$/],
  [{ code: "special-not-forwarded", domain: "local" }, /--stub-domain/],
  [{ code: "pod-names-off" }, /^`cluster-dns explain a\.b SRV --from prod` shows/],
])("%o", (reason, advice) => {
  expect(adviceFor(reason, { name: "a.b", type: "SRV", from: "prod" })).toMatch(advice);
});
