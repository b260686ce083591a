import { describe, expect, test } from "vitest";
import { ClusterNames } from "../../src/compile/cluster-names.ts";
import {
  compileService,
  planEndpoints,
  readService,
  servedClusterIps,
  withoutDuplicates,
} from "../../src/compile/compile-service.ts";
import { encodeEntry } from "../../src/compile/encode-entry.ts";
import { formatName } from "../../src/dns/name.ts";
import type { EndpointSlice, Service } from "../../src/objects/kube-object.ts";
import { endpointPort, externalName, labels, port, service, slice } from "../support/core/objects.ts";
import { entryLines } from "../support/core/table.ts";

const SETTINGS = { names: new ClusterNames("z"), ttlSeconds: 30, endpointPodNames: false };

interface Given {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
}

/** All names of the service. */
function compile({ service: given, slices }: Given, settings = SETTINGS): ReturnType<typeof compileService> {
  const state = readService(given, slices, settings);
  return [...compileService(state, settings), ...planEndpoints(state, settings)];
}

/** Every name that the service makes, with its records; `>` stands before additional ones. */
function linesOf(given: Given, settings = SETTINGS): Readonly<Record<string, readonly string[]>> {
  const plans = compile(given, settings);
  const names = plans.map((plan) => formatName(plan.name()));
  expect(new Set(names).size, "each name once").toBe(names.length);
  const place = { apexSize: 3, zone: 0, kind: 0 };
  return Object.fromEntries(
    plans.map((plan) => {
      const name = plan.name();
      const lines = entryLines(name, encodeEntry({ name, sets: plan.sets() }, place));
      return [
        formatName(name),
        lines.map((line) => line.replace(/^answer \S+ 30 /, "").replace(/^additional (\S+) 30/, "> $1")),
      ];
    }),
  );
}

const web = (fields: Partial<Service> = {}): Service => service("a/web", fields);
const headless = (fields: Partial<Service> = {}): Service => web({ headless: true, ...fields });
const one = (
  ip: string,
  fields: { ready?: boolean; hostname?: string; podName?: string } = {},
): EndpointSlice["endpoints"][number] => ({
  addresses: [ip],
  ready: true,
  ...fields,
});
const of = (fields: Partial<EndpointSlice>): EndpointSlice => slice("a/s", { serviceName: "web", ...fields });
const http = endpointPort("http", 8080);

describe("with cluster IPs", () => {
  test.each<
    [
      what: string,
      fields: Partial<Service>,
      slices: readonly EndpointSlice[],
      lines: Readonly<Record<string, readonly string[]>>,
    ]
  >([
    ["an address", { clusterIPs: ["10.96.0.1"] }, [], { "web.a.svc.z.": ["A 10.96.0.1"] }],
    ["two families", { clusterIPs: ["10.96.0.1", "fd00::1"] }, [], { "web.a.svc.z.": ["A 10.96.0.1", "AAAA fd00::1"] }],
    ["no address yet", {}, [of({ endpoints: [one("10.0.0.1")], ports: [http] })], { "web.a.svc.z.": [] }],
    [
      "an unnamed port",
      { clusterIPs: ["10.96.0.1"], ports: [port("", 80)] },
      [],
      { "web.a.svc.z.": ["> web.a.svc.z. A 10.96.0.1", "A 10.96.0.1", "SRV 0 100 80 web.a.svc.z."] },
    ],
    [
      "ports: the service's own numbers",
      { clusterIPs: ["10.96.0.1"], ports: [port("http", 80, 8080), port("dns", 53, "x", "UDP"), port("dns-tcp", 53)] },
      [],
      {
        // 53 over UDP and TCP is one target.
        "web.a.svc.z.": [
          "> web.a.svc.z. A 10.96.0.1",
          "A 10.96.0.1",
          "SRV 0 50 53 web.a.svc.z.",
          "SRV 0 50 80 web.a.svc.z.",
        ],
        "_http._tcp.web.a.svc.z.": ["> web.a.svc.z. A 10.96.0.1", "SRV 0 100 80 web.a.svc.z."],
        "_dns._udp.web.a.svc.z.": ["> web.a.svc.z. A 10.96.0.1", "SRV 0 100 53 web.a.svc.z."],
        "_dns-tcp._tcp.web.a.svc.z.": ["> web.a.svc.z. A 10.96.0.1", "SRV 0 100 53 web.a.svc.z."],
      },
    ],
    [
      "the endpoints' own names beside it",
      { clusterIPs: ["10.96.0.1"] },
      [of({ endpoints: [one("10.0.0.1"), one("10.0.0.2", { ready: false })], ports: [http] })],
      {
        "web.a.svc.z.": ["A 10.96.0.1"],
        "10-0-0-1.web.a.svc.z.": [
          "> 10-0-0-1.web.a.svc.z. A 10.0.0.1",
          "A 10.0.0.1",
          "SRV 0 100 8080 10-0-0-1.web.a.svc.z.",
        ],
      },
    ],
  ])("%s", (_, fields, slices, lines) => {
    expect(linesOf({ service: web(fields), slices })).toEqual(lines);
  });

  test("three ports share the weight, and 101 have one each", () => {
    const ports = (count: number): Service =>
      web({ clusterIPs: ["10.96.0.1"], ports: Array.from({ length: count }, (_, i) => port(`p${i}`, i + 1)) });
    const weights = (count: number): readonly string[] => {
      const srv = linesOf({ service: ports(count), slices: [] })["web.a.svc.z."]!.filter((line) =>
        line.startsWith("SRV"),
      );
      return [...new Set(srv.map((line) => line.split(" ")[2]!))];
    };
    expect([1, 2, 3, 100, 101].map(weights)).toEqual([["100"], ["50"], ["33"], ["1"], ["1"]]);
  });

  test("a port's name that with its underscore is no label makes no name, and its SRV stays", () => {
    const ports = [port("p".repeat(62), 80), port("q".repeat(63), 81)];
    const lines = linesOf({ service: web({ clusterIPs: ["10.96.0.1"], ports }), slices: [] });
    expect(Object.keys(lines)).toEqual(["web.a.svc.z.", `_${"p".repeat(62)}._tcp.web.a.svc.z.`]);
    expect(lines["web.a.svc.z."]).toContain("SRV 0 50 81 web.a.svc.z.");
  });
});

describe("headless", () => {
  test.each<[what: string, slices: readonly EndpointSlice[], lines: Readonly<Record<string, readonly string[]>>]>([
    ["no endpoints", [], {}],
    ["none that is ready", [of({ endpoints: [one("10.0.0.1", { ready: false })], ports: [http] })], {}],
    [
      "no ports",
      [of({ endpoints: [one("10.0.0.1"), one("10.0.0.2")] })],
      {
        "web.a.svc.z.": ["A 10.0.0.1", "A 10.0.0.2"],
        "10-0-0-1.web.a.svc.z.": ["A 10.0.0.1"],
        "10-0-0-2.web.a.svc.z.": ["A 10.0.0.2"],
      },
    ],
    [
      "a port: the endpoint's number, not the service's",
      [of({ endpoints: [one("10.0.0.1", { hostname: "h" })], ports: [http] })],
      {
        "web.a.svc.z.": ["> h.web.a.svc.z. A 10.0.0.1", "A 10.0.0.1", "SRV 0 100 8080 h.web.a.svc.z."],
        "_http._tcp.web.a.svc.z.": ["> h.web.a.svc.z. A 10.0.0.1", "SRV 0 100 8080 h.web.a.svc.z."],
        "h.web.a.svc.z.": ["> h.web.a.svc.z. A 10.0.0.1", "A 10.0.0.1", "SRV 0 100 8080 h.web.a.svc.z."],
      },
    ],
    [
      "one hostname for two endpoints, and in both families",
      [
        of({
          endpoints: [one("10.0.0.1", { hostname: "h" }), one("10.0.0.2", { hostname: "h" })],
          ports: [endpointPort("", 1)],
        }),
        slice("a/t", {
          serviceName: "web",
          addressType: "IPv6",
          endpoints: [one("fd00::1", { hostname: "h" })],
          ports: [endpointPort("", 1)],
        }),
      ],
      Object.fromEntries(
        ["web.a.svc.z.", "h.web.a.svc.z."].map((name) => [
          name,
          [
            "> h.web.a.svc.z. A 10.0.0.1",
            "> h.web.a.svc.z. A 10.0.0.2",
            "> h.web.a.svc.z. AAAA fd00::1",
            "A 10.0.0.1",
            "A 10.0.0.2",
            "AAAA fd00::1",
            "SRV 0 100 1 h.web.a.svc.z.",
          ],
        ]),
      ),
    ],
    [
      "ports that differ from endpoint to endpoint share one name",
      [
        of({ endpoints: [one("10.0.0.1")], ports: [http] }),
        slice("a/t", { serviceName: "web", endpoints: [one("10.0.0.2")], ports: [endpointPort("http", 8081)] }),
      ],
      {
        "web.a.svc.z.": [
          "> 10-0-0-1.web.a.svc.z. A 10.0.0.1",
          "> 10-0-0-2.web.a.svc.z. A 10.0.0.2",
          "A 10.0.0.1",
          "A 10.0.0.2",
          "SRV 0 50 8080 10-0-0-1.web.a.svc.z.",
          "SRV 0 50 8081 10-0-0-2.web.a.svc.z.",
        ],
        "_http._tcp.web.a.svc.z.": [
          "> 10-0-0-1.web.a.svc.z. A 10.0.0.1",
          "> 10-0-0-2.web.a.svc.z. A 10.0.0.2",
          "SRV 0 50 8080 10-0-0-1.web.a.svc.z.",
          "SRV 0 50 8081 10-0-0-2.web.a.svc.z.",
        ],
        "10-0-0-1.web.a.svc.z.": [
          "> 10-0-0-1.web.a.svc.z. A 10.0.0.1",
          "A 10.0.0.1",
          "SRV 0 100 8080 10-0-0-1.web.a.svc.z.",
        ],
        "10-0-0-2.web.a.svc.z.": [
          "> 10-0-0-2.web.a.svc.z. A 10.0.0.2",
          "A 10.0.0.2",
          "SRV 0 100 8081 10-0-0-2.web.a.svc.z.",
        ],
      },
    ],
    [
      "an endpoint given twice",
      [
        of({ endpoints: [one("10.0.0.1"), one("10.0.0.1")], ports: [endpointPort("", 1)] }),
        slice("a/t", { serviceName: "web", endpoints: [one("10.0.0.1")], ports: [endpointPort("", 1)] }),
      ],
      Object.fromEntries(
        ["web.a.svc.z.", "10-0-0-1.web.a.svc.z."].map((name) => [
          name,
          ["> 10-0-0-1.web.a.svc.z. A 10.0.0.1", "A 10.0.0.1", "SRV 0 100 1 10-0-0-1.web.a.svc.z."],
        ]),
      ),
    ],
    [
      "one address under two hostnames comes once from the service",
      [of({ endpoints: [one("10.0.0.1", { hostname: "g" }), one("10.0.0.1", { hostname: "h" })] })],
      { "web.a.svc.z.": ["A 10.0.0.1"], "g.web.a.svc.z.": ["A 10.0.0.1"], "h.web.a.svc.z.": ["A 10.0.0.1"] },
    ],
    [
      "ends of IPv6 addresses that are no host names",
      [of({ addressType: "IPv6", endpoints: [one("fd00::"), one("::1")] })],
      {
        "web.a.svc.z.": ["AAAA ::1", "AAAA fd00::"],
        "0--1.web.a.svc.z.": ["AAAA ::1"],
        "fd00--0.web.a.svc.z.": ["AAAA fd00::"],
      },
    ],
  ])("%s", (_, slices, lines) => {
    expect(linesOf({ service: headless({ ports: [port("http", 80)], selector: labels("app=1") }), slices })).toEqual(
      lines,
    );
  });

  test("pods' names by option", () => {
    const slices = [of({ endpoints: [one("10.0.0.1", { podName: "p-0" })] })];
    const names = Object.keys(linesOf({ service: headless(), slices }, { ...SETTINGS, endpointPodNames: true }));
    expect(names).toEqual(["web.a.svc.z.", "p-0.web.a.svc.z."]);
  });
});

describe("ExternalName", () => {
  test.each<[target: string, lines: Readonly<Record<string, readonly string[]>>]>([
    ["www.Example.com", { "web.a.svc.z.": ["CNAME www.example.com."] }],
    ["web.b.svc.z", { "web.a.svc.z.": ["CNAME web.b.svc.z."] }],
    ["10.0.0.1", {}],
    ["fd00::1", {}],
    ["", {}],
    [".", {}],
    ["a..b", {}],
  ])("%j", (target, lines) => {
    expect(linesOf({ service: externalName("a/web", target), slices: [of({ endpoints: [one("10.0.0.1")] })] })).toEqual(
      lines,
    );
  });

  test("without a name there is none", () => {
    expect(linesOf({ service: web({ type: "ExternalName" }), slices: [] })).toEqual({});
  });
});

describe("names that are too long", () => {
  // 200 bytes below the apex's own.
  const names = new ClusterNames(`${`${"z".repeat(62)}.`.repeat(3)}zzzzzzzz`);
  const settings = { ...SETTINGS, names };

  test("are left out, and what fits stays", () => {
    const short = slice("a/s", {
      serviceName: "web",
      endpoints: [one("10.0.0.1", { hostname: "h".repeat(50) }), one("10.0.0.2", { hostname: "h" })],
      ports: [endpointPort("p".repeat(40), 1), endpointPort("q", 2)],
    });
    const plans = compile({ service: headless(), slices: [short] }, settings);
    const first = plans.map((plan) => formatName(plan.name()).split(".")[0]);
    expect(first).toEqual(["web", "_q", "h"]);
    for (const plan of plans) expect(plan.name().length).toBeLessThanOrEqual(255);
    const lines = linesOf({ service: headless(), slices: [short] }, settings);
    const own = lines[formatName(plans[0]!.name())]!;
    expect(own.filter((line) => line.startsWith("A "))).toEqual(["A 10.0.0.1", "A 10.0.0.2"]);
    expect(own.filter((line) => line.startsWith("SRV")).every((line) => line.includes(" h.web."))).toBe(true);
  });

  test("a service whose own name is too long has none", () => {
    const long = service(`a/${"w".repeat(63)}`, { clusterIPs: ["10.0.0.1"] });
    expect(compile({ service: long, slices: [] }, settings)).toEqual([]);
  });
});

describe("which addresses point back", () => {
  const slices = [of({ endpoints: [one("10.0.0.1"), one("10.0.0.2", { ready: false })] })];
  test.each<[what: string, service: Service, clusterIps: readonly string[], endpoints: readonly string[]]>([
    ["cluster IPs", web({ clusterIPs: ["10.96.0.1", "fd00::1"] }), ["10.96.0.1", "fd00::1"], ["10-0-0-1"]],
    ["headless", headless(), [], ["10-0-0-1"]],
    ["no address yet: its endpoints have no names", web(), [], []],
    ["ExternalName", externalName("a/web", "b.c"), [], []],
  ])("%s", (_, given, clusterIps, endpoints) => {
    expect(servedClusterIps(given)).toEqual(clusterIps);
    expect(readService(given, slices, SETTINGS).endpoints.map(({ label }) => label)).toEqual(endpoints);
  });
});

test("withoutDuplicates keeps the first of equal data, and the order", () => {
  const data = [[1, 2], [3], [1, 2], [], [3]].map((bytes) => Uint8Array.from(bytes));
  expect(withoutDuplicates(data)).toEqual([[1, 2], [3], []].map((bytes) => Uint8Array.from(bytes)));
  expect(withoutDuplicates(data.slice(0, 2))).toEqual(data.slice(0, 2));
});
