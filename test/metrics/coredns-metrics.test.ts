// CoreDNS's names: labels as CoreDNS sets them, and the names that common dashboards and rules ask for.
import { describe, expect, test } from "vitest";
import { COREDNS_METRICS } from "../../src/metrics/coredns-metrics.ts";
import type { MetricsView } from "../../src/metrics/metrics-view.ts";
import { histogramOf, listener, VIEW } from "../support/metrics-view.ts";

/** The samples of a metric: each as its value and its labels by name; of a histogram the number of values. */
function samplesOf(name: string, view: MetricsView = VIEW): Record<string, string | number>[] {
  const metric = COREDNS_METRICS.find((each) => each.name === name)!;
  return [...metric.read(view)].map(([value, ...labels]) => ({
    value: typeof value === "number" ? value : value.counts.reduce((sum, count) => sum + count, 0),
    ...Object.fromEntries(metric.labels.map((label, i) => [label, labels[i]!])),
  }));
}

/**
 * The metrics of the queries of Grafana's dashboards 14981 and 15762, of the mixin for CoreDNS that comes with that of
 * Kubernetes, and of kube-prometheus' rules, in their current versions; `_bucket`, `_sum` and `_count` left out.
 */
const ASKED_FOR = [
  "coredns_build_info",
  "coredns_cache_entries",
  "coredns_cache_hits_total",
  "coredns_cache_misses_total",
  "coredns_dns_do_requests_total",
  "coredns_dns_request_duration_seconds",
  "coredns_dns_request_size_bytes",
  "coredns_dns_requests_total",
  "coredns_dns_response_size_bytes",
  "coredns_dns_responses_total",
  "coredns_forward_healthcheck_broken_total",
  "coredns_forward_healthcheck_failures_total",
  "coredns_forward_request_duration_seconds",
  "coredns_forward_requests_total",
  "coredns_forward_responses_total",
  "coredns_kubernetes_dns_programming_duration_seconds",
  "coredns_panics_total",
  "coredns_plugin_enabled",
  "coredns_proxy_request_duration_seconds",
];

test("what common dashboards and rules ask for is there", () => {
  const names = COREDNS_METRICS.map(({ name }) => name);
  expect(ASKED_FOR.filter((name) => !names.includes(name))).toEqual([]);
});

describe("labels", () => {
  test("requests by server, proto, family and type", () => {
    const labels = { zone: ".", view: "" };
    expect(samplesOf("coredns_dns_requests_total")).toEqual(
      [
        { server: "dns://127.0.0.1:53", proto: "udp", family: "1" },
        { server: "dns://127.0.0.1:53", proto: "tcp", family: "1" },
        { server: "tls://:853", proto: "tcp", family: "2" },
      ].flatMap((each) => [
        { value: 2, ...labels, ...each, type: "A" },
        { value: 1, ...labels, ...each, type: "AAAA" },
      ]),
    );
  });

  test("responses by rcode and plugin; those of the transports of one server are one", () => {
    const server = { server: "dns://127.0.0.1:53", zone: ".", view: "" };
    expect(samplesOf("coredns_dns_responses_total").slice(0, 2)).toEqual([
      { value: 4, ...server, rcode: "NOERROR", plugin: "kubernetes" },
      { value: 2, ...server, rcode: "NXDOMAIN", plugin: "forward" },
    ]);
  });

  test.each([
    ["0.0.0.0:53", "udp", "dns://:53"],
    ["[::]:53", "tcp", "dns://:53"],
    ["[fd00::1]:5353", "udp", "dns://[fd00::1]:5353"],
    ["127.0.0.53:53", "udp", "dns://127.0.0.53:53"],
    ["0.0.0.0:443", "https", "https://:443"],
  ])("the server of %s over %s is %s", (address, transport, server) => {
    const view = { ...VIEW, answers: [listener(address, transport)] };
    expect(samplesOf("coredns_dns_do_requests_total", view)).toEqual([{ value: 2, server, zone: ".", view: "" }]);
  });

  test("wildcards of both families are one server, whose requests still differ by family", () => {
    const view = { ...VIEW, answers: [listener("0.0.0.0:53", "udp"), listener("[::]:53", "udp")] };
    expect(samplesOf("coredns_dns_do_requests_total", view)).toMatchObject([{ value: 4 }]);
    expect(samplesOf("coredns_dns_request_duration_seconds", view)).toMatchObject([{ value: 6 }]);
    expect(samplesOf("coredns_dns_requests_total", view).map(({ family }) => family)).toEqual(["1", "1", "2", "2"]);
  });
});

test("an upstream of several domains is one `to`", () => {
  expect(samplesOf("coredns_proxy_request_duration_seconds")).toEqual([
    { value: 4, proxy_name: "forward", to: "10.0.0.53:53", rcode: "NOERROR" },
    { value: 2, proxy_name: "forward", to: "10.0.0.53:53", rcode: "SERVFAIL" },
  ]);
  expect(samplesOf("coredns_forward_responses_total").map(({ value }) => value)).toEqual([4, 2]);
  expect(samplesOf("coredns_forward_healthcheck_broken_total")).toEqual([{ value: 5 }]);
});

test("the cache's requests are its hits and misses", () => {
  expect(samplesOf("coredns_cache_requests_total")).toMatchObject([{ value: 15 }]);
  expect(samplesOf("coredns_cache_hits_total")).toMatchObject([
    { value: 7, type: "success" },
    { value: 3, type: "denial" },
  ]);
});

test("of the latencies of changes those of services", () => {
  const programming = [
    { kind: "headless", latencies: histogramOf([1], 0.5, 0.5) },
    { kind: "file", latencies: histogramOf([1], 0.5) },
  ];
  const view = { ...VIEW, zones: { ...VIEW.zones, programming } };
  expect(samplesOf("coredns_kubernetes_dns_programming_duration_seconds", view)).toEqual([
    { value: 2, service_kind: "headless_with_selector" },
  ]);
});

test("before the sockets are open nothing is asked of them", () => {
  for (const { read } of COREDNS_METRICS) expect(() => [...read({ ...VIEW, answers: [] })]).not.toThrow();
});
