// Expectations of a loaded cluster: who asks, what is outside, and why names do not resolve.
import { describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { parseType } from "../../src/dns/type-names.ts";
import type { Verdict } from "../../src/expect/expectation.ts";
import { examine } from "../../src/expect/resolve.ts";
import { externalName, pod, service } from "../../src/library/builders.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import { ManifestNames } from "../../src/planes/manifest-names.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import { expectation } from "../expect/outcomes.ts";

const dnsPod = (name: string, ip: string, spec: object): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop" },
  spec,
  status: { phase: "Running", podIP: ip },
});
const OBJECTS = parseObjects(
  [
    service({ name: "web", namespace: "shop", clusterIP: "10.96.0.20", ports: { http: 80 } }),
    externalName({ name: "pay", namespace: "shop", target: "api.example.com" }),
    externalName({ name: "front", namespace: "shop", target: "web.shop.svc.cluster.local" }),
    pod({ name: "cart-0", namespace: "shop", ip: "10.244.0.7" }),
    dnsPod("own", "10.244.0.8", {
      dnsPolicy: "None",
      dnsConfig: {
        nameservers: ["10.0.0.1"],
        searches: ["shop.svc.cluster.local"],
        options: [{ name: "ndots", value: "1" }],
      },
    }),
  ],
  "default",
);

async function ask(
  name: string,
  from?: string,
  type = "A",
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Verdict> {
  const options = optionsFromSettings({ upstream: ["192.0.2.1"], ...settings });
  const names = new ManifestNames(loadedView(await loadObjects(OBJECTS)([], options), options));
  const given = { name, type: parseType(type)!, rcode: "FORMERR", ...(from !== undefined && { from }) };
  return examine(expectation(given), names);
}

const WEB = { status: "NOERROR", name: "web.shop.svc.cluster.local.", answer: ["10.96.0.20"] };

describe("who asks", () => {
  test.each<[name: string, from: string | undefined, outcome: object]>([
    ["web", "shop", WEB],
    ["web.shop", "default", WEB],
    ["web.shop.svc.cluster.local", undefined, WEB],
    ["WEB.Shop.svc.cluster.local.", "shop", { status: "NOERROR", answer: ["10.96.0.20"] }],
    ["web", "shop/cart-0", WEB],
    ["web", "10.244.0.7", WEB],
    ["web", "10.244.0.8", WEB],
    ["web.shop", "shop/own", { status: "NXDOMAIN", name: "web.shop.shop.svc.cluster.local." }],
    ["web", "default", { status: "NXDOMAIN", name: "web.default.svc.cluster.local." }],
    ["web", undefined, { status: "unasked", name: "web." }],
    ["web", "192.0.2.7", { status: "REFUSED", name: "web." }],
    ["web", "shop/cart", { status: "unasked", fault: "there is no pod shop/cart; nearest: shop/cart-0" }],
  ])("%s from %s", async (name, from, outcome) => {
    expect((await ask(name, from)).outcome).toMatchObject(outcome);
  });

  test("an address that may not ask", async () => {
    const { outcome, why } = await ask("web", "10.244.0.7", "A", { allow: ["192.0.2.0/24"] });
    expect(outcome.status).toBe("REFUSED");
    expect(why?.code).toBe("client-not-allowed");
  });
});

describe("what is outside", () => {
  test("a name is not asked", async () => {
    const { outcome, why } = await ask("api.example.com");
    expect(outcome).toMatchObject({ status: "unasked", fault: expect.stringMatching(/^the name is outside/) });
    expect(why).toBeUndefined();
  });

  test("an alias that leads there resolves", async () => {
    const outside = { status: "NOERROR", answer: [], alias: "api.example.com." };
    expect((await ask("pay", "shop")).outcome).toMatchObject(outside);
    expect((await ask("pay", "shop", "A", { upstream: "none" })).outcome).toMatchObject(outside);
    expect((await ask("pay", "shop", "CNAME")).outcome).toMatchObject({ answer: ["api.example.com."] });
  });

  test("an alias of a name inside is followed", async () => {
    expect((await ask("front", "shop")).outcome).toMatchObject({ answer: ["10.96.0.20"] });
  });
});

describe("why", () => {
  test("a missing service, with the nearest", async () => {
    expect((await ask("wed", "shop")).why).toEqual({
      code: "no-service",
      text: "no service wed in namespace shop; nearest: web",
      details: expect.any(Array),
    });
  });

  test("no records of the type", async () => {
    expect(await ask("web", "shop", "AAAA")).toMatchObject({
      outcome: { status: "NODATA" },
      why: { code: "no-address-of-family", text: "service web in namespace shop has no IPv6 address" },
    });
  });

  test("where records are from", async () => {
    const { why } = await ask("web", "shop");
    expect(why).toMatchObject({ text: "web resolves to 10.96.0.20: service web in namespace shop (source test)" });
    expect(why?.code).toBeUndefined();
  });
});
