import { expect, test } from "vitest";
import { externalName, pod, port, service, slice } from "../support/core/objects.ts";
import { hostsOf, smallZone, StaticCluster } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

const cluster = new StaticCluster();
cluster.put(
  service("shop/web", { clusterIPs: ["10.96.0.7"], ports: [port("http", 80)] }),
  service("shop/db", { headless: true, ports: [port("sql", 5432)] }),
  slice("shop/db", { endpoints: [{ addresses: ["10.244.0.7"], ready: true, hostname: "db-0" }] }),
  externalName("shop/mail", "mail.example."),
  pod("shop/web-0"),
);
cluster.serve({
  zones: [smallZone("corp.example", "www A 192.0.2.1"), smallZone("2.0.192.in-addr.arpa", "1 PTR www.corp.example.")],
  hosts: hostsOf("192.0.2.9 printer.lan"),
});

test.each([
  ["web.shop.svc.cluster.local.", "service"],
  ["_http._tcp.web.shop.svc.cluster.local.", "service"],
  ["db.shop.svc.cluster.local.", "headless"],
  ["_sql._tcp.db.shop.svc.cluster.local.", "headless"],
  ["db-0.db.shop.svc.cluster.local.", "endpoint"],
  ["mail.shop.svc.cluster.local.", "external-name"],
  ["10-244-0-7.shop.pod.cluster.local.", "pod"],
  ["cluster.local.", "zone"],
  ["ns.dns.cluster.local.", "zone"],
  ["dns-version.cluster.local.", "zone"],
  ["shop.svc.cluster.local.", "zone"],
  ["7.0.96.10.in-addr.arpa.", "pointer"],
  ["1.0.0.127.in-addr.arpa.", "pointer"],
  ["1.2.0.192.in-addr.arpa.", "zone-file"],
  ["9.2.0.192.in-addr.arpa.", "hosts"],
  ["www.corp.example.", "zone-file"],
  ["corp.example.", "zone-file"],
  ["printer.lan.", "hosts"],
  ["localhost.", "special"],
  ["a.localhost.", "special"],
])("%s: %s", (name, kind) => {
  expect(cluster.compiler.kindOf(wire(name))).toBe(kind);
});
