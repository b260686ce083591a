import { describe, expect, test } from "vitest";
import { ClusterNames } from "../../src/compile/cluster-names.ts";
import { compilePointer } from "../../src/compile/compile-pointer.ts";
import type { EndpointName } from "../../src/compile/compile-pointer.ts";
import type { Service } from "../../src/objects/kube-object.ts";
import { service } from "../support/core/objects.ts";
import { wire } from "../support/core/table.ts";

const settings = { names: new ClusterNames("z"), ttlSeconds: 9, endpointPodNames: false };
const endpointName = (path: string, label: string, names = settings.names): EndpointName => ({
  owner: names.service(service(path)),
  label,
  addressText: "10.0.0.1",
});

describe("compilePointer", () => {
  test.each<
    [
      what: string,
      clusterIpOf: readonly Service[],
      endpointNames: readonly EndpointName[],
      names: readonly string[] | undefined,
    ]
  >([
    ["nobody has the address", [], [], undefined],
    ["a cluster IP", [service("a/web")], [], ["web.a.svc.z."]],
    ["a cluster IP of two services", [service("a/web"), service("b/db")], [], ["db.b.svc.z.", "web.a.svc.z."]],
    ["an endpoint", [], [endpointName("a/web", "h")], ["h.web.a.svc.z."]],
    [
      "an endpoint of two services",
      [],
      [endpointName("a/web", "h"), endpointName("a/db", "10-0-0-1")],
      ["h.web.a.svc.z.", "10-0-0-1.db.a.svc.z."],
    ],
    ["a cluster IP wins over an endpoint", [service("a/web")], [endpointName("a/db", "h")], ["web.a.svc.z."]],
    [
      "two endpointNames under one name are one",
      [],
      [endpointName("a/web", "h"), endpointName("a/web", "h")],
      ["h.web.a.svc.z."],
    ],
  ])("%s", (_, clusterIpOf, endpointNames, names) => {
    const set = compilePointer(clusterIpOf, endpointNames, settings);
    expect(set?.rdata.map((data) => Buffer.from(data).toString("latin1")).toSorted()).toEqual(
      names?.map((name) => Buffer.from(wire(name)).toString("latin1")).toSorted(),
    );
    if (set !== undefined) expect(set).toMatchObject({ type: 12, ttlSeconds: 9 });
    expect(
      compilePointer(clusterIpOf.toReversed(), endpointNames.toReversed(), settings),
      "in the other order",
    ).toEqual(set);
  });

  test("a name that is too long is left out", () => {
    const long = { ...settings, names: new ClusterNames(`${`${"z".repeat(60)}.`.repeat(3)}zzz`) };
    const label = "x".repeat(60);
    const tooLong = endpointName("a/web", label, long.names);
    expect(compilePointer([], [tooLong], long)).toBeUndefined();
    expect(compilePointer([], [tooLong, endpointName("a/web", "y", long.names)], long)?.rdata).toHaveLength(1);
  });
});
