import fc from "fast-check";
import { expect, test } from "vitest";
import { formatHosts } from "../../src/records/format-hosts.ts";
import { formatRecord } from "../../src/records/format-zone.ts";
import { listRecords } from "../../src/records/list-records.ts";
import { hostsOf, smallZone, StaticCluster } from "../support/core/static-zone.ts";

const hostsLines = (...lines: readonly string[]): readonly string[] =>
  formatHosts(smallZone("z", ...lines).records)
    .split("\n")
    .slice(0, -1);

test.each<[what: string, lines: readonly string[], hosts: readonly string[]]>([
  ["the names of an address on one line", ["b A 10.0.0.1", "a A 10.0.0.1"], ["10.0.0.1 a.z b.z"]],
  [
    "addresses in their order",
    ["a A 10.0.0.10", "a A 10.0.0.9", "a AAAA ::1"],
    ["10.0.0.9 a.z", "10.0.0.10 a.z", "::1 a.z"],
  ],
  ["aliases, followed", ["a CNAME b", "b CNAME c", "c A 10.0.0.1"], ["10.0.0.1 c.z a.z b.z"].map(sortNames)],
  ["no alias that leads away, or nowhere", ["a CNAME www.example.", "b CNAME b"], []],
  [
    "no wildcards, and no names that are no host names",
    ["*.w A 10.0.0.1", "a\\.b A 10.0.0.1", "_x A 10.0.0.1"],
    ["10.0.0.1 _x.z"],
  ],
])("hosts lines have %s", (_, lines, hosts) => {
  expect(hostsLines(...lines).map(sortNames)).toEqual(hosts);
});

function sortNames(line: string): string {
  const [address, ...names] = line.split(" ");
  return [address, ...names.toSorted()].join(" ");
}

const name = fc.constantFrom("a.lan", "b.lan", "c.lan", "d", "e-f.g");
const address = fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "0.0.0.0");
const line = fc.tuple(address, fc.uniqueArray(name, { minLength: 1 })).map(([to, names]) => [to, ...names].join(" "));

test("what a hosts file says is what the lines for it say", () => {
  const listOf = (lines: readonly string[]): readonly string[] => {
    const cluster = new StaticCluster();
    cluster.serve({ hosts: hostsOf(...lines) });
    return listRecords(cluster.reader, 1).hosts.map(formatRecord);
  };
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const cluster = new StaticCluster();
      cluster.serve({ hosts: hostsOf(...lines) });
      const { hosts } = listRecords(cluster.reader, 1);
      expect(listOf(formatHosts(hosts).split("\n"))).toEqual(hosts.map(formatRecord));
    }),
  );
});
