// Questions about the cluster of test/fixtures/reasons/ that get no records, and why.
import { fileURLToPath } from "node:url";
import type { Reason } from "../../../src/reasons/reason.ts";

export const REASONS_FOLDER = fileURLToPath(new URL("../../fixtures/reasons/", import.meta.url));

export type ReasonRow = readonly [name: string, type: string, reason: Reason];

const prod = { namespace: "prod" } as const;
const NODE = { service: "node", ...prod } as const;
const WEB = { service: "web", ...prod } as const;
const DB = { service: "db", ...prod } as const;
const domain = "cluster.local";

export const REASON_ROWS: readonly ReasonRow[] = [
  ["nope.prod.svc.cluster.local.", "A", { code: "no-service", service: "nope", ...prod, nearest: "node" }],
  ["a.b.nope.prod.svc.cluster.local.", "A", { code: "no-service", service: "nope", ...prod }],
  ["_http._tcp.nope.prod.svc.cluster.local.", "SRV", { code: "no-service", service: "nope", ...prod }],
  ["a\\.b\\000.prod.svc.cluster.local.", "A", { code: "no-service", service: "a\\.b\\000", ...prod }],
  ["alias.prod.svc.cluster.local.", "A", { code: "no-service", service: "nope", ...prod, nearest: "node" }],
  ["web.prdo.svc.cluster.local.", "A", { code: "no-namespace", namespace: "prdo", nearest: "prod" }],
  ["pro.svc.cluster.local.", "A", { code: "no-namespace", namespace: "pro", nearest: "prod" }],
  ["we.prod.svc.cluster.local.", "A", { code: "no-service", service: "we", ...prod, nearest: "web" }],
  ["node.nope.svc.cluster.local.", "A", { code: "no-namespace", namespace: "nope" }],
  ["nope.svc.cluster.local.", "A", { code: "no-namespace", namespace: "nope" }],
  ["10-0-0-1.nope.pod.cluster.local.", "A", { code: "no-namespace", namespace: "nope" }],
  ["web.prod.svc.cluster.local.", "A", { code: "no-ready-endpoint", ...WEB, notReady: 2 }],
  ["web-0.web.prod.svc.cluster.local.", "A", { code: "no-ready-endpoint", ...WEB, notReady: 2 }],
  ["db-1.db.prod.svc.cluster.local.", "A", { code: "endpoint-not-ready", label: "db-1", ...DB }],
  ["db-2.db.prod.svc.cluster.local.", "A", { code: "no-endpoint-name", label: "db-2", ...DB }],
  ["x.node.prod.svc.cluster.local.", "A", { code: "no-endpoint-name", label: "x", ...NODE }],
  [
    "_https._tcp.node.prod.svc.cluster.local.",
    "SRV",
    { code: "port-not-named", port: "https", protocol: "TCP", ...NODE, ports: [] },
  ],
  [
    "_http._udp.node.prod.svc.cluster.local.",
    "SRV",
    { code: "port-not-named", port: "http", protocol: "UDP", ...NODE, ports: [] },
  ],
  ["node.prod.svc.cluster.local.", "AAAA", { code: "no-address-of-family", ...NODE, family: 6 }],
  ["db.prod.svc.cluster.local.", "AAAA", { code: "no-address-of-family", ...DB, family: 6 }],
  [
    "node.prod.svc.cluster.local.",
    "MX",
    { code: "no-records-of-type", name: "node.prod.svc.cluster.local", type: "MX", types: [] },
  ],
  [
    "db-0.db.prod.svc.cluster.local.",
    "TYPE4711",
    { code: "no-records-of-type", name: "db-0.db.prod.svc.cluster.local", type: "TYPE4711", types: [] },
  ],
  ["prod.svc.cluster.local.", "A", { code: "no-records", name: "prod.svc.cluster.local" }],
  ["_tcp.node.prod.svc.cluster.local.", "A", { code: "no-records", name: "_tcp.node.prod.svc.cluster.local" }],
  ["cluster.local.", "A", { code: "no-records-of-type", name: domain, type: "A", types: [] }],
  [
    "broken.prod.svc.cluster.local.",
    "A",
    { code: "no-external-name", service: "broken", ...prod, target: "192.0.2.1" },
  ],
  ["circle.prod.svc.cluster.local.", "A", { code: "cname-loop", name: "circle.prod.svc.cluster.local" }],
  ["node.prod.cluster.local.", "A", { code: "no-cluster-name", name: "node.prod.cluster.local", domain }],
  [
    "x.db-0.db.prod.svc.cluster.local.",
    "A",
    { code: "no-cluster-name", name: "x.db-0.db.prod.svc.cluster.local", domain },
  ],
  ["web.prod.pod.cluster.local.", "A", { code: "not-an-address", label: "web", ...prod }],
  [
    "x.10-0-0-1.prod.pod.cluster.local.",
    "A",
    { code: "no-cluster-name", name: "x.10-0-0-1.prod.pod.cluster.local", domain },
  ],
  [
    "10-0-0-1.prod.pod.cluster.local.",
    "AAAA",
    { code: "no-records-of-type", name: "10-0-0-1.prod.pod.cluster.local", type: "AAAA", types: [] },
  ],
  ["9.0.96.10.in-addr.arpa.", "PTR", { code: "no-pointer", address: "10.96.0.9" }],
  ["9.0.168.192.in-addr.arpa.", "PTR", { code: "no-pointer", address: "192.168.0.9" }],
  [
    "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.",
    "PTR",
    { code: "no-pointer", address: "fd00::9" },
  ],
  [
    "x.168.192.in-addr.arpa.",
    "PTR",
    { code: "not-in-zone", name: "x.168.192.in-addr.arpa", zone: "168.192.in-addr.arpa" },
  ],
  ["printer.local.", "A", { code: "special-not-forwarded", domain: "local" }],
  ["local.", "A", { code: "no-records", name: "local" }],
  ["invalid.", "A", { code: "special-not-forwarded", domain: "invalid" }],
  ["a.b.home.arpa.", "A", { code: "special-not-forwarded", domain: "home.arpa" }],
  ["localhost.", "MX", { code: "no-records-of-type", name: "localhost", type: "MX", types: [] }],
  ["x.shop.example.", "A", { code: "not-in-zone", name: "x.shop.example", zone: "shop.example" }],
  ["a.away.shop.example.", "A", { code: "not-in-zone", name: "a.gone.shop.example", zone: "shop.example" }],
  ["below.shop.example.", "A", { code: "no-records", name: "below.shop.example" }],
  ["www.example.com.", "A", { code: "not-served", name: "www.example.com" }],
];
