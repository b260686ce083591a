// What every client stack is asked, and what has to come out: fifty names and a few services, by kind. The
// cluster behind them, and the names outside it.
import { service } from "../support/cluster.ts";

/** How a name is written, or what is special about its answer. */
export const KINDS = {
  short: "a service of the pod's own namespace: `web`",
  partial: "with its namespace, or more of the name: `ledger.data`, `db-0.db`, `web.default.svc`",
  full: "whole, without a dot at the end: `web.default.svc.cluster.local`",
  absolute: "with a dot at the end: `web.default.svc.cluster.local.`",
  missing: "a name that is not there, inside the cluster and outside",
  external: "a name that an upstream knows, also behind CNAMEs",
  large: "40, 100 and 200 addresses: more than a datagram holds without EDNS, and more than one holds at all",
  "IPv6 only": "a service or host without an IPv4 address",
  "dual stack": "a service or host with addresses of both families",
  SRV: "a named port",
} as const;
export type Kind = keyof typeof KINDS;

export interface Question {
  readonly kind: Kind;
  readonly name: string;
  /** Addresses, or `PORT:TARGET` of services; none: no such name, or none of its records. */
  readonly want: readonly string[];
}

/** The cluster's name server, as pods know it; the pod that asks. */
export const SERVER = "10.96.0.10";
export const POD = "10.244.1.5";
/** The search domain that the node's own file adds to those of the cluster. */
export const NODE_SEARCH = "corp.example";

const WEB = ["10.96.0.80"];
const LEDGER = ["10.96.0.81"];
const DB = ["10.244.2.10", "10.244.2.11", "10.244.2.12"];
const SIX = ["fd00:96::6"];
const DUAL = ["10.96.0.82", "fd00:96::82"];
const KUBERNETES = ["10.96.0.1"];
const WWW = ["192.0.2.80", "2001:db8::80"];
const MANY = numbered("10.245", 200);
const FORTY = numbered("10.246", 40);
const CROWD = numbered("198.18", 100);

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}.${Math.floor(n / 100)}.${1 + (n % 100)}`);
}

/** What the upstream knows: all else does not exist. */
export const OUTSIDE: Readonly<Record<string, { readonly addresses?: readonly string[]; readonly alias?: string }>> = {
  "example.com.": { addresses: ["192.0.2.1"] },
  "www.example.com.": { addresses: WWW },
  "alias.example.com.": { alias: "www.example.com." },
  "chain.example.com.": { alias: "alias.example.com." },
  "a.b.c.example.com.": { addresses: ["192.0.2.3"] },
  "a.b.c.d.e.example.com.": { addresses: ["192.0.2.5"] },
  "nodata.example.com.": {},
  "six.example.com.": { addresses: ["2001:db8::6"] },
  "crowd.example.com.": { addresses: CROWD },
  [`printer.${NODE_SEARCH}.`]: { addresses: ["192.0.2.9"] },
};

/** What stands for `host-N.example.net.`, a thousand of which are looked up. */
export const HOSTS_OUTSIDE = { suffix: ".example.net.", addresses: ["192.0.2.100", "2001:db8::100"] } as const;

const ASKED: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  short: { web: WEB, WEB, db: DB, inside: WEB, outside: WWW, printer: ["192.0.2.9"] },
  partial: {
    "web.default": WEB,
    "ledger.data": LEDGER,
    "db-0.db": [DB[0]!],
    "db-1.db.default": [DB[1]!],
    "ledger.data.svc": LEDGER,
    "Web.Default.Svc": WEB,
    "db-2.db.default.svc": [DB[2]!],
    "kubernetes.default": KUBERNETES,
    "10-244-1-5.default.pod": [POD],
  },
  full: {
    "web.default.svc.cluster.local": WEB,
    "ledger.data.svc.cluster.local": LEDGER,
    "db-0.db.default.svc.cluster.local": [DB[0]!],
    "10-244-1-5.default.pod.cluster.local": [POD],
  },
  absolute: {
    "web.default.svc.cluster.local.": WEB,
    "ledger.data.svc.cluster.local.": LEDGER,
    "db-0.db.default.svc.cluster.local.": [DB[0]!],
    "outside.default.svc.cluster.local.": WWW,
    "www.example.com.": WWW,
  },
  missing: {
    nobody: [],
    "nobody.default": [],
    "web.nowhere": [],
    "db-9.db": [],
    "nobody.default.svc.cluster.local.": [],
    "nobody.example.com": [],
    "nobody.example.com.": [],
    "web.": [],
  },
  external: {
    "example.com": ["192.0.2.1"],
    "www.example.com": WWW,
    "alias.example.com": WWW,
    "chain.example.com": WWW,
    "a.b.c.example.com": ["192.0.2.3"],
    "a.b.c.d.e.example.com": ["192.0.2.5"],
    "nodata.example.com": [],
    [`printer.${NODE_SEARCH}`]: ["192.0.2.9"],
  },
  large: { forty: FORTY, many: MANY, "many.default.svc.cluster.local.": MANY, "crowd.example.com": CROWD },
  "IPv6 only": { six: SIX, "six.default.svc": SIX, "six.example.com": ["2001:db8::6"] },
  "dual stack": { dual: DUAL, "dual.default": DUAL, "dual.default.svc.cluster.local.": DUAL },
  SRV: {
    "_http._tcp.web.default.svc.cluster.local.": ["80:web.default.svc.cluster.local"],
    "_http._tcp.db.default.svc.cluster.local.": [0, 1, 2].map((i) => `80:db-${i}.db.default.svc.cluster.local`),
    "_none._tcp.web.default.svc.cluster.local.": [],
  },
};

/** All questions, in the order in which each stack is asked. */
export const QUESTIONS: readonly Question[] = Object.entries(ASKED).flatMap(([kind, names]) =>
  Object.entries(names).map(([name, want]) => ({ kind: kind as Kind, name, want })),
);

/** The manifests of the cluster. */
export function clusterObjects(): readonly object[] {
  const alter = (object: object, metadata: object, spec: object): object => {
    const before = object as { readonly metadata: object; readonly spec: object };
    return { ...object, metadata: { ...before.metadata, ...metadata }, spec: { ...before.spec, ...spec } };
  };
  const external = (name: string, externalName: string): object => ({
    ...service(name, ""),
    spec: { type: "ExternalName", externalName },
  });
  const dualStack = { clusterIPs: DUAL, ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "PreferDualStack" };
  return [
    alter(service("kube-dns", SERVER), { namespace: "kube-system" }, {}),
    service("kubernetes", KUBERNETES[0]!),
    service("web", WEB[0]!),
    alter(service("ledger", LEDGER[0]!), { namespace: "data" }, {}),
    service("six", SIX[0]!),
    alter(service("dual", DUAL[0]!), {}, dualStack),
    external("inside", "web.default.svc.cluster.local"),
    external("outside", "www.example.com"),
    ...headless("db", DB, (i) => ({ hostname: `db-${i}` })),
    ...headless("forty", FORTY),
    ...headless("many", MANY),
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "client", namespace: "default" },
      spec: {},
      status: { podIP: POD },
    },
  ];
}

function headless(name: string, addresses: readonly string[], extra: (i: number) => object = () => ({})): object[] {
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "default", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 80 }],
    endpoints: addresses.map((address, i) => ({ addresses: [address], ...extra(i) })),
  };
  return [service(name, "None"), slice];
}
