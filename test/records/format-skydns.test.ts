// test/registrar/ holds the answers of readers of the layout against ours; here are the keys and values themselves.
import { expect, test } from "vitest";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { skyDnsEntries } from "../../src/records/format-skydns.ts";
import { listRecords } from "../../src/records/list-records.ts";
import type { ListedRecord, ListedZone } from "../../src/records/listed-record.ts";
import { endpointPort, externalName, port, service, slice } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";
import { smallZone, StaticCluster } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

/** The values by key, without the hashes of the last parts. */
function entriesOf(...objects: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  const cluster = new StaticCluster();
  cluster.publish([replace(objects)]);
  const { values, leftOut } = skyDnsEntries(listRecords(cluster.reader, 1), "/skydns");
  expect(leftOut).toEqual([]);
  return Object.fromEntries([...values].map(([key, text]) => [key.replace(/~[0-9a-f]{16}$/, "~…"), JSON.parse(text)]));
}

test("a service has its address, its port, and a value for each name without records above", () => {
  const web = service("shop/web", { clusterIPs: ["10.96.0.80"], ports: [port("http", 80)] });
  const group = (name: string): object => ({ ttl: 30, group: name });
  const none = (name: string): object => ({ host: name, port: -1, ttl: 30, group: name, type: "none" });
  const target = { host: "web.shop.svc.cluster.local", port: 80, priority: 0, weight: 100 };
  const entries = entriesOf(web);
  expect(entries).toMatchObject({
    "/skydns/local/cluster/~": none("cluster.local"),
    "/skydns/local/cluster/svc/~": none("svc.cluster.local"),
    "/skydns/local/cluster/svc/shop/~": none("shop.svc.cluster.local"),
    "/skydns/local/cluster/svc/shop/web/_tcp/~": none("_tcp.web.shop.svc.cluster.local"),
    "/skydns/local/cluster/pod/shop/~": none("shop.pod.cluster.local"),
    "/skydns/local/cluster/svc/shop/web/_tcp/_http/~…": {
      ...target,
      ...group("_http._tcp.web.shop.svc.cluster.local"),
      type: "SRV",
    },
    "/skydns/arpa/in-addr/10/96/0/80": {
      host: "web.shop.svc.cluster.local",
      port: -1,
      ...group("80.0.96.10.in-addr.arpa"),
      type: "PTR",
    },
    "/skydns/local/cluster/dns-version/~…": {
      text: "1.1.0",
      ttl: 28_800,
      group: "dns-version.cluster.local",
      type: "TXT",
    },
  });
  expect(Object.keys(entries).filter((key) => key.includes("/ip6/") || key.includes("/localhost/"))).toEqual([]);
});

test("the records of a name have a key each, which their data alone decides", () => {
  const keys = (ip: string, ttl: number): readonly string[] => {
    const records = [`web A ${ip}`, "web AAAA fd00::1", `web SRV 0 ${ttl} 80 web`].map((line) => `${line}`);
    const zone = { ...ofCluster(smallZone("cluster.local", ...records)) } as const;
    return [...skyDnsEntries({ zones: [zone] }, "/x").values.keys()].filter((key) => key.includes("/web/"));
  };
  expect(new Set(keys("10.0.0.65", 1)).size).toBe(3);
  // 65 and 97 are letters of one alphabet, and the same only in names.
  expect(keys("10.0.0.97", 1).filter((key) => !keys("10.0.0.65", 1).includes(key))).toHaveLength(1);
  expect(keys("10.0.0.65", 2)).toEqual(keys("10.0.0.65", 1));
});

test("an alias, and the first name of an address, are at the name itself", () => {
  const entries = entriesOf(
    externalName("shop/db", "DB.Example.com"),
    ...["one", "two"].map((name) => service(`shop/${name}`, { clusterIPs: ["10.96.0.9"] })),
  );
  expect(entries["/skydns/local/cluster/svc/shop/db"]).toEqual({
    host: "db.example.com",
    port: -1,
    ttl: 30,
    group: "db.shop.svc.cluster.local",
    type: "CNAME",
  });
  const hosts = Object.entries(entries).filter(([key]) => key.startsWith("/skydns/arpa/in-addr/10/96/0/9"));
  expect(hosts.map(([key, value]) => [key, (value as { host: string }).host])).toEqual([
    ["/skydns/arpa/in-addr/10/96/0/9", "one.shop.svc.cluster.local"],
    ["/skydns/arpa/in-addr/10/96/0/9/~…", "two.shop.svc.cluster.local"],
  ]);
});

test("endpoints of a headless service are names below it, and its own group excludes them", () => {
  const address = { addresses: ["10.244.0.5"], ready: true, serving: true, terminating: false, hostname: "a" };
  const entries = entriesOf(
    service("shop/db", { headless: true, ports: [port("sql", 5432)] }),
    slice("shop/db", { endpoints: [address], ports: [endpointPort("sql", 5432)] } as never),
  );
  const groups = Object.entries(entries).filter(([key]) => key.startsWith("/skydns/local/cluster/svc/shop/db/"));
  expect(new Set(groups.map(([, value]) => (value as { group: string }).group))).toEqual(
    new Set(["db", "a.db", "_sql._tcp.db", "_tcp.db"].map((name) => `${name}.shop.svc.cluster.local`)),
  );
});

test("zones of files stay with the servers that read them; what has no key or value is told", () => {
  const record = (owner: string, type: number, ...rdata: readonly number[]): ListedRecord => {
    return { owner: wire(owner), type, ttl: 30, rdata: Uint8Array.from(rdata) };
  };
  const odd = [
    record("a\\/b.cluster.local.", 1, 10, 0, 0, 1),
    record("*.cluster.local.", 1, 10, 0, 0, 1),
    record("x.cluster.local.", 16, 2, 65),
    record("x.cluster.local.", 16, 1, 7),
    record("x.cluster.local.", 65, 0),
  ];
  const zone = { ...ofCluster(smallZone("cluster.local")), ofCluster: odd };
  const { values, leftOut } = skyDnsEntries({ zones: [zone, listed(smallZone("a.example", "b A 192.0.2.1"))] }, "/x");
  expect(new Set(leftOut)).toEqual(new Set(odd));
  expect([...values.keys()].filter((key) => key.includes("example"))).toEqual([]);
});

function ofCluster(zone: ReturnType<typeof smallZone>): ListedZone {
  const { records, ...rest } = listed(zone);
  return { ...rest, records, ofCluster: records, origin: "cluster" };
}

function listed({ origin, records }: ReturnType<typeof smallZone>): ListedZone {
  return { apex: origin, origin: "file", records, ofCluster: [], empty: [], notes: [], isBare: false };
}
