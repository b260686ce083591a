import { expect, test } from "vitest";
import { serviceFamilies } from "../../../src/cluster/controllers/service-families.ts";
import { familyOf } from "../../../src/objects/kube-object.ts";
import type { IpFamily, Service } from "../../../src/objects/kube-object.ts";
import { service } from "../../support/core/objects.ts";

test.each([
  ["10.0.0.1", "IPv4"],
  ["fd00::1", "IPv6"],
  ["::", "IPv6"],
])("%s is of family %s", (address, family) => {
  expect(familyOf(address)).toBe(family);
});

const FOUR: readonly IpFamily[] = ["IPv4"];
const SIX: readonly IpFamily[] = ["IPv6"];
const BOTH: readonly IpFamily[] = ["IPv4", "IPv6"];

test.each<[what: string, fields: Partial<Service>, cluster: readonly IpFamily[], families: readonly IpFamily[]]>([
  ["as written", { ipFamilies: SIX, clusterIPs: ["10.0.0.1"] }, BOTH, SIX],
  ["one as written, and the other", { ipFamilies: SIX, ipFamilyPolicy: "RequireDualStack" }, BOTH, ["IPv6", "IPv4"]],
  ["the same, headless", { headless: true, ipFamilies: FOUR, ipFamilyPolicy: "PreferDualStack" }, BOTH, BOTH],
  ["one as written, where there is no other", { ipFamilies: SIX, ipFamilyPolicy: "PreferDualStack" }, SIX, SIX],
  ["as written, in that order", { ipFamilies: ["IPv6", "IPv4"] }, FOUR, ["IPv6", "IPv4"]],
  ["those of the cluster IPs", { clusterIPs: ["fd00::1"] }, BOTH, SIX],
  ["both of the cluster IPs", { clusterIPs: ["fd00::1", "10.0.0.1"] }, FOUR, ["IPv6", "IPv4"]],
  ["the cluster's first", {}, BOTH, FOUR],
  ["the cluster's first, IPv6", {}, ["IPv6", "IPv4"], SIX],
  ["the cluster's first, on purpose", { ipFamilyPolicy: "SingleStack" }, BOTH, FOUR],
  ["both that the cluster has", { ipFamilyPolicy: "RequireDualStack" }, BOTH, BOTH],
  ["both, where it may be", { ipFamilyPolicy: "PreferDualStack" }, BOTH, BOTH],
  ["the one that the cluster has", { ipFamilyPolicy: "RequireDualStack" }, SIX, SIX],
])("%s", (_, fields, cluster, families) => {
  expect(serviceFamilies(service("a/web", fields), cluster)).toEqual(families);
});
