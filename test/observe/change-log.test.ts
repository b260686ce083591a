import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EndpointSlice, KubeObject } from "../../src/objects/kube-object.ts";
import { ChangeLog } from "../../src/observe/change-log.ts";
import type { ServedFile } from "../../src/observe/change-log.ts";
import type { Logger } from "../../src/observe/log.ts";
import { externalName, pod, service, slice } from "../support/core/objects.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(level = "info") {
  const lines: unknown[] = [];
  const log = {
    isLevelEnabled: (asked: string) => asked === level,
    info: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
  };
  return { changes: new ChangeLog(log as unknown as Logger), lines };
}

const web = (...clusterIPs: string[]): KubeObject => service("shop/web", { clusterIPs });
const endpoints = (...addresses: string[]): EndpointSlice =>
  slice("shop/web", { endpoints: addresses.map((address) => ({ addresses: [address], ready: true })) });
const notReady = (address: string): EndpointSlice =>
  slice("shop/web", { endpoints: [{ addresses: [address], ready: false }] });

const ported = (name: string, port: number): KubeObject =>
  service("shop/web", { ports: [{ name, port, protocol: "TCP", targetPort: port }] });

type Differences = Parameters<ChangeLog["report"]>[0];

describe("lines", () => {
  test.each<[what: string, differences: Differences, line: object | undefined]>([
    ["a new service", [{ after: web("10.96.0.7") }], { msg: "service added", addresses: ["10.96.0.7"] }],
    [
      "a new service that gets its address, and endpoints, at once",
      [{ after: web() }, { before: web(), after: web("10.96.0.7") }, { after: endpoints("10.244.0.7") }],
      { msg: "service added", addresses: ["10.96.0.7"] },
    ],
    ["a service that is gone", [{ before: web("10.96.0.7") }], { msg: "service removed" }],
    [
      "another address",
      [{ before: web("10.96.0.7"), after: web("10.96.0.8") }],
      { msg: "addresses of a service have changed", before: ["10.96.0.7"], after: ["10.96.0.8"] },
    ],
    [
      "another target",
      [{ before: externalName("shop/web", "a.example"), after: externalName("shop/web", "b.example") }],
      { msg: "addresses of a service have changed", before: ["a.example"], after: ["b.example"] },
    ],
    [
      "another port",
      [{ before: ported("http", 80), after: ported("http", 8080) }],
      { msg: "ports of a service have changed", before: ["http:80/TCP"], after: ["http:8080/TCP"] },
    ],
    [
      "another name of a port",
      [{ before: ported("", 80), after: ported("web", 80) }],
      { msg: "ports of a service have changed", before: ["80/TCP"], after: ["web:80/TCP"] },
    ],
    ["nothing that clients notice", [{ before: web("10.96.0.7"), after: web("10.96.0.7") }], undefined],
    ["a change and its return", [{ before: web("10.96.0.7") }, { after: web("10.96.0.7") }], undefined],
    [
      "endpoints that come and go",
      [{ before: endpoints("10.244.0.7", "10.244.0.8"), after: endpoints("10.244.0.8", "10.244.0.9") }],
      { msg: "endpoints of a service have changed", ready: ["10.244.0.9"], gone: ["10.244.0.7"] },
    ],
    [
      "an endpoint that becomes ready",
      [{ before: notReady("10.244.0.7"), after: endpoints("10.244.0.7") }],
      { msg: "endpoints of a service have changed", ready: ["10.244.0.7"] },
    ],
    ["an endpoint that is not ready yet", [{ after: notReady("10.244.0.7") }], undefined],
    [
      "an endpoint that moves to another slice",
      [{ before: endpoints("10.244.0.7") }, { after: { ...endpoints("10.244.0.7"), name: "web-2" } }],
      undefined,
    ],
    [
      "many endpoints",
      [{ after: endpoints("10.244.0.1", "10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.0.5", "10.244.0.6") }],
      {
        msg: "endpoints of a service have changed",
        ready: ["10.244.0.1", "10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.0.5", "and 1 more"],
      },
    ],
    ["a pod", [{ after: pod("shop/web-0") }], undefined],
  ])("of %s", (_, differences, line) => {
    const { changes, lines } = start();
    changes.report(differences);
    changes.close();
    expect(lines).toEqual(line === undefined ? [] : [{ service: "shop/web", ...line }]);
  });

  test("are at most ten a second, and the rest is counted", () => {
    const { changes, lines } = start();
    const added = (from: number, count: number): Differences =>
      Array.from({ length: count }, (_, i) => ({ after: service(`shop/s${from + i}`) }));
    changes.report(added(0, 7));
    changes.report(added(7, 20));
    expect(lines).toHaveLength(10);
    vi.advanceTimersByTime(1_000);
    expect(lines.slice(10)).toEqual([{ services: 17, msg: "more services have changed" }]);
    changes.report(added(30, 1));
    expect(lines).toHaveLength(12);
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(12);
  });

  test("of zone files and hosts files that come, change and go", () => {
    const { changes, lines } = start();
    const zone = (records: number): ServedFile => ({ kind: "zone", zone: "corp.example.", records, content: {} });
    const [same, hosts] = [zone(3), { kind: "hosts", records: 2, content: {} } as const];
    changes.reportFiles(
      new Map<string, ServedFile>([
        ["a.zone", same],
        ["b.zone", zone(4)],
        ["hosts", hosts],
      ]),
      new Map<string, ServedFile>([
        ["a.zone", same],
        ["b.zone", zone(5)],
        ["c.hosts", { ...hosts, content: {} }],
      ]),
    );
    expect(lines).toEqual([
      { file: "b.zone", zone: "corp.example.", records: 5, msg: "zone file has changed" },
      { file: "hosts", msg: "hosts file removed" },
      { file: "c.hosts", records: 2, msg: "hosts file added" },
    ]);
    const many = new Map(Array.from({ length: 20 }, (_, i) => [`${i}.zone`, zone(i)]));
    changes.reportFiles(new Map(), many);
    vi.advanceTimersByTime(1_000);
    expect(lines.slice(10)).toEqual([{ files: 13, msg: "more files have changed" }]);
  });

  test("name the cluster where there are several", () => {
    const { changes, lines } = start();
    changes.report([{ before: web("10.96.0.7") }], "east");
    expect(lines).toEqual([{ cluster: "east", service: "shop/web", msg: "service removed" }]);
  });

  test("that nobody reads are not made", () => {
    const { changes, lines } = start("warn");
    changes.report([{ after: web("10.96.0.7") }]);
    expect([lines, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
