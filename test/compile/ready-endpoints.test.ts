import fc from "fast-check";
import { expect, test } from "vitest";
import { readyEndpoints } from "../../src/compile/ready-endpoints.ts";
import type { EndpointSlice } from "../../src/objects/kube-object.ts";
import { endpointPort, slice } from "../support/core/objects.ts";
import { addressBytes } from "../support/core/table.ts";

const http = endpointPort("http", 80);
const dns = endpointPort("dns", 53, "UDP");
const one = (
  addresses: readonly string[],
  fields: { ready?: boolean; hostname?: string; podName?: string } = {},
): EndpointSlice["endpoints"][number] => ({
  addresses,
  ready: true,
  ...fields,
});

test.each<[what: string, slices: readonly EndpointSlice[], lines: readonly string[]]>([
  ["nothing", [], []],
  ["not ready", [slice("a/s", { endpoints: [one(["10.0.0.1"], { ready: false })] })], []],
  [
    "each address of an endpoint",
    [slice("a/s", { endpoints: [one(["10.0.0.2", "10.0.0.1"])] })],
    ["10-0-0-1 10.0.0.1", "10-0-0-2 10.0.0.2"],
  ],
  [
    "one hostname, several addresses",
    [slice("a/s", { endpoints: [one(["10.0.0.1"], { hostname: "h" }), one(["10.0.0.2"], { hostname: "h" })] })],
    ["h 10.0.0.1", "h 10.0.0.2"],
  ],
  [
    "an endpoint of two slices is one",
    [slice("a/s", { endpoints: [one(["10.0.0.1"])] }), slice("a/t", { endpoints: [one(["10.0.0.1"])] })],
    ["10-0-0-1 10.0.0.1"],
  ],
  [
    "its ports are those of both",
    [
      slice("a/s", { endpoints: [one(["10.0.0.1"])], ports: [http] }),
      slice("a/t", { endpoints: [one(["10.0.0.1"])], ports: [dns] }),
    ],
    ["10-0-0-1 10.0.0.1 http:80 dns:53"],
  ],
  [
    "ready in one slice is ready",
    [
      slice("a/s", { endpoints: [one(["10.0.0.1"], { ready: false })], ports: [http] }),
      slice("a/t", { endpoints: [one(["10.0.0.1"])] }),
    ],
    ["10-0-0-1 10.0.0.1"],
  ],
  [
    "IPv6",
    [slice("a/s", { addressType: "IPv6", endpoints: [one(["fd00::1"])], ports: [http] })],
    ["fd00--1 fd00::1 http:80"],
  ],
])("%s", (_, slices, lines) => {
  const found = readyEndpoints(slices, false);
  expect(
    found.map(({ label, addressText, ports }) =>
      [label, addressText, ...ports.map(({ name, port }) => `${name}:${port}`)].join(" "),
    ),
  ).toEqual(lines);
  for (const each of found) expect(each.address).toEqual(addressBytes(each.addressText));
});

test("pods' names count by option", () => {
  const slices = [slice("a/s", { endpoints: [one(["10.0.0.1"], { podName: "p" })] })];
  expect(readyEndpoints(slices, true).map(({ label }) => label)).toEqual(["p"]);
  expect(readyEndpoints(slices, false).map(({ label }) => label)).toEqual(["10-0-0-1"]);
});

test("the order in which slices and endpoints came does not show", () => {
  const address = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.10");
  const endpointLists = fc.array(fc.tuple(address, fc.constantFrom(undefined, "h")), { maxLength: 3 });
  const cuts = fc.array(fc.tuple(endpointLists, fc.subarray([http, dns])), { maxLength: 4 });
  fc.assert(
    fc.property(cuts, fc.infiniteStream(fc.nat()), (all, keys) => {
      const slices = all.map(([list, ports], i) =>
        slice(`a/s${i}`, {
          ports,
          endpoints: list.map(([ip, hostname]) => one([ip], hostname === undefined ? {} : { hostname })),
        }),
      );
      const shuffled = slices
        .map((each) => ({ ...each, endpoints: each.endpoints.toReversed(), key: keys.next().value! }))
        .toSorted((a, b) => a.key - b.key);
      expect(readyEndpoints(shuffled, false)).toEqual(readyEndpoints(slices, false));
    }),
    { numRuns: 300 },
  );
});
