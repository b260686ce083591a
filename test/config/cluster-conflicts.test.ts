import { describe, expect, test } from "vitest";
import { NAMED_CLUSTERS_MAX } from "../../src/config/cluster-conflicts.ts";
import { parseOptions } from "../../src/config/parse-options.ts";

const value = (name: string, domain: string, more = ""): string =>
  `--cluster=${name}=kubeconfig:${name}.yaml,domain=${domain}${more}`;
const EAST = value("east", "east.local");

function errors(...flags: readonly string[]): readonly string[] {
  const parsed = parseOptions(flags, {});
  return "errors" in parsed ? parsed.errors : [];
}

describe("clusters that can't be together", () => {
  test.each<[title: string, flags: readonly string[], error: string]>([
    ["one name", [EAST, value("east", "west.local")], "--cluster: east is given twice"],
    [
      "one domain",
      [EAST, value("west", "EAST.local.")],
      "--cluster west has the domain east.local, as --cluster east does: each needs one of its own",
    ],
    [
      "the domain of the first cluster",
      [EAST, "--source=kubernetes", "--cluster-domain=east.local"],
      "--cluster east has the domain east.local, as --cluster-domain does: each needs one of its own",
    ],
    [
      "a domain among the names of another",
      [value("east", "shop.svc.example"), value("west", "example")],
      "--cluster east has the domain shop.svc.example, which is among the names of --cluster west (example)",
    ],
    [
      "a domain among the names of the first cluster",
      [value("east", "ns.dns.cluster.local"), "--source=kubernetes"],
      "--cluster east has the domain ns.dns.cluster.local, which is among the names of --cluster-domain (cluster.local)",
    ],
    [
      "one snapshot",
      [value("east", "east.local", ",snapshot=s"), value("west", "west.local", ",snapshot=s")],
      "--cluster: two clusters have the snapshot s: each needs a file of its own",
    ],
    [
      "the snapshot of the first cluster",
      [value("east", "east.local", ",snapshot=s"), "--snapshot=s"],
      "--cluster: two clusters have the snapshot s: each needs a file of its own",
    ],
    [
      "too many",
      Array.from({ length: NAMED_CLUSTERS_MAX + 1 }, (_, i) => value(`c${i}`, `c${i}.local`)),
      "--cluster: at most 31 are possible",
    ],
    [
      "namespaces of the first cluster, which is not there",
      [EAST, "--namespaces=a"],
      "--namespaces needs --source kubernetes",
    ],
  ])("%s", (_title, flags, error) => {
    expect(errors(...flags)).toEqual([error]);
  });
});

test.each<[title: string, flags: readonly string[]]>([
  ["a domain below another", [value("east", "east.example"), value("west", "example")]],
  ["a domain that ends as another does", [value("east", "svc-example"), value("west", "example")]],
  ["the domain of a first cluster that may not be there", [value("east", "cluster.local")]],
  ["a snapshot of each", [EAST, value("west", "west.local"), "--snapshot=s"]],
  ["as many as there may be", Array.from({ length: NAMED_CLUSTERS_MAX }, (_, i) => value(`c${i}`, `c${i}.local`))],
])("%s is fine", (_title, flags) => {
  expect(errors(...flags)).toEqual([]);
});

test("a variable has one a line; what is wrong with several is told at once", () => {
  expect(errors("--cluster=east=kubeconfig:a", "--cluster=west")).toHaveLength(2);
  const parsed = parseOptions([], {
    CLUSTER_DNS_CLUSTER: `${EAST.slice(10)}\n${value("west", "west.local").slice(10)}`,
  });
  expect("options" in parsed && parsed.options.clusters.map(({ name }) => name)).toEqual(["east", "west"]);
});
