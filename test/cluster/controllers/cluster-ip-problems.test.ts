import { expect, test } from "vitest";
import { addressProblems, comparePlaces } from "../../../src/cluster/controllers/cluster-ip-problems.ts";
import type { AddressFault } from "../../../src/cluster/controllers/cluster-ip-problems.ts";
import type { IpFamily, Service } from "../../../src/objects/kube-object.ts";
import { formatProblem } from "../../../src/objects/problem.ts";
import type { Cidr } from "../../../src/net/ip.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { service } from "../../support/core/objects.ts";

const RANGES: ReadonlyMap<IpFamily, readonly Cidr[]> = new Map([["IPv4", [parseCidr("10.96.0.0/12")!]]]);
const at = (path: string, file: string, line: number, column = 1, clusterIPs: readonly string[] = []): Service => ({
  ...service(path, { clusterIPs }),
  place: { file, line, column },
});

test.each<[fault: AddressFault, text: string]>([
  [
    { code: "cluster-ip-out-of-range", family: "IPv4", address: "172.20.0.1" },
    "the cluster IP 172.20.0.1 is not in 10.96.0.0/12: it is served anyway; " +
      "set --service-cidr to the cluster's, or change clusterIP",
  ],
  [
    { code: "cluster-ips-exhausted", family: "IPv4" },
    "no address is left in 10.96.0.0/12: this service is served without an IPv4 address; " +
      "give --service-cidr a larger range",
  ],
  [
    { code: "no-range-of-family", family: "IPv6" },
    "the service wants an IPv6 address, and there is no IPv6 range: it is served without; " +
      "add one to --service-cidr, such as fd00:10:96::/112, or take IPv6 out of ipFamilies",
  ],
  [
    { code: "no-second-family", family: "IPv6" },
    "ipFamilyPolicy is RequireDualStack, and there is no IPv6 range: the service has one address only; " +
      "add one to --service-cidr, such as fd00:10:96::/112, or write PreferDualStack",
  ],
])("%j", (fault, text) => {
  const problems = addressProblems([{ service: at("a/web", "f.yaml", 3), faults: [fault] }], RANGES, () => undefined);
  expect(problems.map(formatProblem)).toEqual([`f.yaml:3:1: Service a/web: ${text}`]);
  expect(problems[0]!.code).toBe(fault.code);
});

test("an address taken is told to both, but to a holder that did not write it", () => {
  const loser = at("a/web", "f.yaml", 3, 1, ["10.96.0.50"]);
  const faults: readonly AddressFault[] = [{ code: "cluster-ip-taken", address: "10.96.0.50" }];
  const problemsOf = (holder: Service): readonly string[] =>
    addressProblems([{ service: loser, faults }], RANGES, () => holder).map(formatProblem);
  expect(problemsOf(at("a/api", "e.yaml", 1, 1, ["10.96.0.50"]))).toEqual([
    "f.yaml:3:1: Service a/web: the cluster IP 10.96.0.50 already belongs to Service a/api (e.yaml:1): " +
      "this service is served without it; give one of the two another clusterIP, or none",
    "e.yaml:1:1: Service a/api: the cluster IP 10.96.0.50 is also written for Service a/web (f.yaml:3): " +
      "this service keeps it; give one of the two another clusterIP, or none",
  ]);
  expect(problemsOf(at("a/api", "e.yaml", 1))).toEqual([
    "f.yaml:3:1: Service a/web: the cluster IP 10.96.0.50 already belongs to Service a/api (e.yaml:1): this service " +
      "is served without it; choose another one; addresses in the lower part of the range are allocated last",
  ]);
});

test("services come in the order of their places, those of a program first", () => {
  const ordered = [
    service("b/b"),
    service("b/c"),
    at("z/z", "a.yaml", 2),
    at("y/y", "a.yaml", 10, 1),
    at("x/x", "a.yaml", 10, 5),
    at("a/a", "b.yaml", 1),
  ];
  expect([...ordered].reverse().sort(comparePlaces)).toEqual(ordered);
});
