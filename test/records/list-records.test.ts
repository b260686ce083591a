// test/records/round-trip.test.ts holds the lists of all scenarios against the answers; here is what it cannot tell apart.
import { expect, test } from "vitest";
import { formatRecord, formatZone } from "../../src/records/format-zone.ts";
import { listRecords } from "../../src/records/list-records.ts";
import type { RecordList } from "../../src/records/listed-record.ts";
import { pod, service } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";
import { hostsOf, smallZone, StaticCluster } from "../support/core/static-zone.ts";

const names = (list: RecordList, which: "all" | "full" = "full"): readonly string[] =>
  list.zones
    .filter(({ isBare }) => which === "all" || !isBare)
    .map((zone) => formatZone(zone).split("\n", 2)[1]!.slice("$ORIGIN ".length));
const zoneText = (list: RecordList, name: string): string =>
  formatZone(list.zones.find((zone) => formatZone(zone).includes(`\n$ORIGIN ${name}\n`))!);

test("zones are those of the cluster, then reverse zones, those of files and special ones", () => {
  const cluster = new StaticCluster();
  cluster.serve({ zones: [smallZone("b.example"), smallZone("a.example", "x A 192.0.2.1")] });
  const list = listRecords(cluster.reader, 1);
  expect(names(list)).toEqual(["cluster.local.", "a.example.", "b.example."]);
  expect(names(list, "all")).toEqual(expect.arrayContaining(["localhost.", "96.10.in-addr.arpa.", "10.in-addr.arpa."]));
  // These deny their own names.
  expect(names(list, "all").filter((name) => /^(invalid|local|onion)\.$/.test(name))).toEqual([]);
});

test("a zone of a file keeps its serial, others get the given one", () => {
  const cluster = new StaticCluster();
  cluster.serve({ zones: [smallZone("a.example")] });
  const list = listRecords(cluster.reader, 7);
  expect(zoneText(list, "a.example.")).toContain(" SOA ns.a.example. admin.a.example. 1 2 3 4 10\n");
  expect(zoneText(list, "cluster.local.")).toContain(" SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 ");
});

test("glue is listed once, with names below delegations that other records lead to", () => {
  const cluster = new StaticCluster();
  const delegated = [
    "sub NS ns.sub",
    "sub NS NS.Sub",
    "ns.sub A 192.0.2.1",
    "@ MX 10 mail.sub",
    "mail.sub A 192.0.2.2",
  ];
  cluster.serve({ zones: [smallZone("a.example", ...delegated, "x.sub A 192.0.2.9")] });
  const text = zoneText(listRecords(cluster.reader, 1), "a.example.");
  expect(text.split("\n").filter((line) => line.includes(".sub.a.example. 60 IN A"))).toEqual([
    "mail.sub.a.example. 60 IN A 192.0.2.2",
    "ns.sub.a.example. 60 IN A 192.0.2.1",
  ]);
});

test("the rule for pods is a note, or their names are listed where they are known", () => {
  const list = (pods: "insecure" | "verified" | "disabled"): string => {
    const cluster = new StaticCluster({ pods });
    cluster.publish([replace([pod("shop/a", { ips: ["10.244.0.5", "fd00::5"] })])]);
    return zoneText(listRecords(cluster.reader, 1), "cluster.local.");
  };
  expect(list("insecure")).toContain(
    "\n; each address has a name, as 192-0-2-1 for 192.0.2.1, in: shop.pod.cluster.local.\n",
  );
  expect(list("verified")).toContain("\n10-244-0-5.shop.pod.cluster.local. 30 IN A 10.244.0.5\n");
  expect(list("verified")).toContain("\nfd00--5.shop.pod.cluster.local. 30 IN AAAA fd00::5\n");
  expect(list("disabled")).toContain(
    "\n; without records: pod.cluster.local. shop.pod.cluster.local. svc.cluster.local. shop.svc.cluster.local.\n",
  );
  expect(list("disabled")).not.toMatch(/10-244-0-5|each address/);
});

test("forwarded domains are notes of the zone around them", () => {
  const cluster = new StaticCluster();
  cluster.serve({ forwarded: ["corp.cluster.local."] });
  expect(zoneText(listRecords(cluster.reader, 1), "cluster.local.")).toContain(
    "\n; corp.cluster.local. and the names below it are forwarded\n",
  );
});

test("names of hosts files are in no zone", () => {
  const cluster = new StaticCluster();
  cluster.serve({ hosts: hostsOf("192.0.2.7 nas.lan nas") });
  const { zones, hosts } = listRecords(cluster.reader, 1);
  expect(hosts.map(formatRecord)).toEqual([
    "7.2.0.192.in-addr.arpa. 30 IN PTR nas.lan.",
    "nas.lan. 30 IN A 192.0.2.7",
    "nas. 30 IN A 192.0.2.7",
  ]);
  expect(zones.some(({ records }) => records.some((record) => formatRecord(record).includes("nas")))).toBe(false);
});

test("the list does not depend on the order of objects", () => {
  const objects = [
    service("shop/web", { clusterIPs: ["10.96.0.20"] }),
    service("shop/api", { clusterIPs: ["10.96.0.21"] }),
    service("data/db", { headless: true }),
  ];
  const textOf = (some: typeof objects): string => {
    const cluster = new StaticCluster();
    cluster.publish([replace(some)]);
    return listRecords(cluster.reader, 1).zones.map(formatZone).join("\n");
  };
  expect(textOf(objects.toReversed())).toBe(textOf(objects));
  expect(textOf(objects)).toContain("\nweb.shop.svc.cluster.local. 30 IN A 10.96.0.20\n");
});
