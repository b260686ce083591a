import { describe, expect, test } from "vitest";
import { ClusterNames } from "../../src/compile/cluster-names.ts";
import { compileNotes } from "../../src/compile/compile-notes.ts";
import { readService } from "../../src/compile/compile-service.ts";
import { formatName } from "../../src/dns/name.ts";
import type { Endpoint, Service } from "../../src/objects/kube-object.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { externalName, service, slice } from "../support/core/objects.ts";

const SETTINGS = { names: new ClusterNames("z"), ttlSeconds: 30, endpointPodNames: false };
const HEADLESS = { headless: true };

function notes(given: Service, endpoints: readonly Endpoint[] = []): readonly string[] {
  const slices = [slice("a/s", { serviceName: given.name, endpoints })];
  return compileNotes(readService(given, slices, SETTINGS), SETTINGS).map((plan) => {
    expect(plan.flags).toBe(ENTRY_FLAG.HIDDEN);
    const [text] = plan.sets()[0]!.rdata;
    expect(text![0]).toBe(text!.length - 1);
    return `${formatName(plan.name())} ${Buffer.from(text!.subarray(1)).toString()}`;
  });
}

const at = (address: string, ready: boolean, more: Partial<Endpoint> = {}): Endpoint => {
  return { addresses: [address], ready, ...more };
};

describe("notes on names that are not there", () => {
  test.each<[what: string, service: Service, endpoints: readonly Endpoint[], notes: readonly string[]]>([
    [
      "a headless service without endpoints",
      service("a/web", HEADLESS),
      [],
      ["\\000web.a.svc.z. no ready endpoint, 0 not ready: service web in namespace a"],
    ],
    [
      "a pod with two addresses counts once",
      service("a/web", HEADLESS),
      [at("10.0.0.1", false, { podName: "p" }), at("10.0.0.2", false, { podName: "p" }), at("10.0.0.3", false)],
      ["\\000web.a.svc.z. no ready endpoint, 2 not ready: service web in namespace a"],
    ],
    [
      "endpoints that are not ready beside one that is",
      service("a/web", HEADLESS),
      [at("10.0.0.1", true), at("10.0.0.3", false), at("10.0.0.2", false, { hostname: "b" }), at("10.0.0.1", false)],
      [
        "\\00010-0-0-3.web.a.svc.z. endpoint 10-0-0-3 of service web in namespace a is not ready",
        "\\000b.web.a.svc.z. endpoint b of service web in namespace a is not ready",
      ],
    ],
    ["ready endpoints", service("a/web", HEADLESS), [at("10.0.0.1", true)], []],
    ["a cluster IP without endpoints", service("a/web", { clusterIPs: ["10.96.0.1"] }), [], []],
    ["an alias", externalName("a/web", "b.example"), [], []],
    [
      "an alias of an address",
      externalName("a/web", "192.0.2.1"),
      [],
      ["\\000web.a.svc.z. the externalName of service web in namespace a is not a DNS name: 192.0.2.1"],
    ],
    ["a label without space for the mark", service(`a/${"x".repeat(63)}`, HEADLESS), [], []],
  ])("%s", (_, given, endpoints, expected) => {
    expect(notes(given, endpoints)).toEqual(expected);
  });

  test("a long text is cut at a character", () => {
    const [line] = notes(externalName("a/web", `${"é".repeat(130)}..`));
    const text = line!.slice(line!.indexOf(" ") + 1);
    expect(text.length).toBeGreaterThan(150);
    expect(text.endsWith("é")).toBe(true);
  });
});
