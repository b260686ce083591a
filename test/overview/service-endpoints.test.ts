import { expect, test } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import type { EndpointSlice } from "../../src/objects/kube-object.ts";
import { serviceEndpoints } from "../../src/overview/service-endpoints.ts";
import { endpointPort, service, slice } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";

const WEB = service("shop/web");
const http = endpointPort("http", 8080);
const https = endpointPort("https", 8443);

function rowsOf(...slices: readonly Partial<EndpointSlice>[]): unknown[] {
  const registry = new Registry();
  registry.apply([replace([WEB, ...slices.map((each, i) => slice(`shop/s${i}`, { serviceName: "web", ...each }))])]);
  return [...serviceEndpoints(registry, WEB)];
}

test("the addresses of a pod are one endpoint, with the ports of all slices", () => {
  expect(
    rowsOf(
      { ports: [http], endpoints: [{ addresses: ["10.0.0.1"], ready: true, podName: "web-0", hostname: "web-0" }] },
      { ports: [http, https], endpoints: [{ addresses: ["fd00::1"], ready: true, podName: "web-0" }] },
    ),
  ).toEqual([
    { pod: "web-0", hostname: "web-0", addresses: ["10.0.0.1", "fd00::1"], ready: true, ports: [http, https] },
  ]);
});

test("an endpoint that one slice calls ready is ready", () => {
  const endpoint = { addresses: ["10.0.0.1"], podName: "web-0" };
  const slices = [true, false].map((ready) => ({ endpoints: [{ ...endpoint, ready }] }));
  expect(rowsOf(...slices)).toMatchObject([{ ready: true }]);
  expect(rowsOf(...slices.toReversed())).toMatchObject([{ ready: true }]);
});

test("what is not ready comes first, then pods and addresses in order", () => {
  const endpoints = [
    { addresses: ["10.0.0.9"], ready: true },
    { addresses: ["10.0.0.3"], ready: true, podName: "b" },
    { addresses: ["10.0.0.2"], ready: false, podName: "c" },
    { addresses: ["10.0.0.1"], ready: true, podName: "a" },
  ];
  expect(rowsOf({ endpoints }).map((row) => (row as { addresses: string[] }).addresses[0])).toEqual([
    "10.0.0.2",
    "10.0.0.9",
    "10.0.0.1",
    "10.0.0.3",
  ]);
});
