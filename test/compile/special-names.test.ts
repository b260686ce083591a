// What the special names answer, beside a cluster and alone. Who overrides them is for static-zones.test.ts.
import { describe, expect, test } from "vitest";
import { specialZones } from "../../src/compile/special-names.ts";
import { formatName } from "../../src/dns/name.ts";
import { ask, shown } from "../support/core/ask.ts";
import { StaticCluster } from "../support/core/static-zone.ts";
import { records } from "../support/core/table.ts";

const Z = "cluster.local.";
const SOA_OF = (owner: string): string => `authority ${owner} 5 SOA ns.dns.${Z} hostmaster.${Z} 1 7200 1800 86400 5`;
const V6_LOOPBACK = `1.${"0.".repeat(31)}ip6.arpa.`;

const cluster = new StaticCluster();
const answers = (name: string, type: string, of = cluster): readonly string[] =>
  shown(ask(of.answerer, { name, type }));

describe("F25 names that mean this host", () => {
  test.each([
    ["localhost.", "A", "127.0.0.1"],
    ["localhost.", "AAAA", "::1"],
    ["LocalHost.", "A", "127.0.0.1"],
    ["a.localhost.", "A", "127.0.0.1"],
    ["a.b.localhost.", "AAAA", "::1"],
    ["1.0.0.127.in-addr.arpa.", "PTR", "localhost."],
    [V6_LOOPBACK, "PTR", "localhost."],
  ])("%s %s", (name, type, rdata) => {
    expect(answers(name, type)).toEqual(["NOERROR", `answer ${name} 30 ${type} ${rdata}`]);
  });

  test.each([
    ["localhost.", "MX", "localhost."],
    ["a.localhost.", "TXT", "localhost."],
    ["1.0.0.127.in-addr.arpa.", "A", "127.in-addr.arpa."],
    ["0.127.in-addr.arpa.", "PTR", "127.in-addr.arpa."],
    [V6_LOOPBACK, "A", V6_LOOPBACK],
  ])("%s has no %s", (name, type, zone) => {
    expect(answers(name, type)).toEqual(["NOERROR", SOA_OF(zone)]);
  });

  test("other addresses of the loopback range have no name", () => {
    expect(answers("2.0.0.127.in-addr.arpa.", "PTR")).toEqual(["NXDOMAIN", SOA_OF("127.in-addr.arpa.")]);
  });
});

describe("F25 names that no DNS has", () => {
  test.each(["invalid.", "onion.", "alt.", "home.arpa.", "resolver.arpa."])("%s and all below it", (zone) => {
    for (const name of [zone, `www.${zone}`, `a.b.c.${zone}`]) {
      for (const type of ["A", "SOA", "NS", "ANY", "DS"]) {
        expect(answers(name, type), `${name} ${type}`).toEqual(["NXDOMAIN", SOA_OF(zone)]);
      }
    }
  });

  test("local has the cluster below it, and nothing else", () => {
    expect(answers("local.", "A")).toEqual(["NOERROR", SOA_OF("local.")]);
    expect(answers("printer.local.", "A")).toEqual(["NXDOMAIN", SOA_OF("local.")]);
    expect(answers("x.cluster.local.", "A")).toEqual(["NXDOMAIN", SOA_OF(Z)]);
    const elsewhere = new StaticCluster({ clusterDomain: "k8s.example.org" });
    expect(answers("local.", "A", elsewhere)[0]).toBe("NXDOMAIN");
    expect(answers("cluster.local.", "A", elsewhere)[0]).toBe("NXDOMAIN");
  });
});

test("each zone has its apex first, and all of its names at or below it", () => {
  const zones = specialZones(records("NS", ["ns.z."]));
  expect(new Set(zones.map(({ apex }) => formatName(apex))).size).toBe(zones.length);
  for (const { apex, owners } of zones) {
    expect(owners[0]?.name).toBe(apex);
    for (const { name } of owners) expect(formatName(name).endsWith(formatName(apex))).toBe(true);
  }
});
