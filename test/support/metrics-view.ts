// The numbers of a server that has had a bit of everything, for tests of what metrics make of them.
import type { ListenerAnswers, MetricsView } from "../../src/metrics/metrics-view.ts";
import { Histogram } from "../../src/std/histogram.ts";
import type { HistogramCopy } from "../../src/std/histogram.ts";

export function histogramOf(bounds: readonly number[], ...values: readonly number[]): HistogramCopy {
  const histogram = new Histogram(bounds);
  for (const value of values) histogram.record(value);
  return histogram.copy();
}

/** A listener with three answers; two of one kind. */
export function listener(server: string, transport: string, more: Partial<ListenerAnswers> = {}): ListenerAnswers {
  return {
    server,
    transport,
    isIpv6: server.startsWith("["),
    answers: [
      { answeredBy: "cluster", type: "A", rcode: "NOERROR", count: 2 },
      { answeredBy: "upstream", type: "AAAA", rcode: "NXDOMAIN", count: 1 },
    ],
    truncated: 1,
    limited: 0,
    dnssecOk: 2,
    querySizes: histogramOf([100, 512], 40, 60, 70),
    replySizes: histogramOf([100, 512], 60, 300, 700),
    latencies: histogramOf([0.00025, 0.5], 0.0001, 0.0002, 0.25),
    ...more,
  };
}

const UPSTREAM = {
  upstream: "10.0.0.53:53",
  domain: ".",
  isUp: true,
  rttSeconds: 0.002,
  outstanding: 1,
  queries: 5,
  replies: [
    { rcode: "NOERROR", times: histogramOf([0.01, 1], 0.004, 0.5) },
    { rcode: "SERVFAIL", times: histogramOf([0.01, 1], 0.004) },
  ],
  failures: [{ cause: "certificate-expired", count: 2 }],
  mismatches: 1,
  probes: 4,
  failedProbes: 3,
} as const;

const KINDS = { answers: 7, denials: 3 } as const;

export const VIEW: MetricsView = {
  build: { version: "1.2.3", node: "24.0.0" },
  isReady: true,
  answers: [listener("127.0.0.1:53", "udp"), listener("127.0.0.1:53", "tcp"), listener("[::]:853", "tls")],
  transports: [
    { server: "127.0.0.1:53", transport: "udp", counts: { received: 9, dropped: 1, queueFull: 2, workers: 4 } },
    { server: "127.0.0.1:53", transport: "tcp", counts: { accepted: 3, open: 1, evicted: 1, timedOut: 1 } },
  ],
  forwarding: {
    cache: {
      hits: KINDS,
      misses: 5,
      stale: 1,
      prefetched: 2,
      entries: KINDS,
      evictions: { answers: 1, denials: 0 },
      usedBytes: { answers: 700, denials: 300 },
      bytes: 1 << 20,
    },
    resolver: { asked: 4, joined: 1, failed: 1, refused: 6, outstanding: 1, waiting: 2, searched: 1 },
    upstreams: [UPSTREAM, { ...UPSTREAM, domain: "corp.example.", isUp: false }],
    unanswerable: [
      { domain: ".", count: 2 },
      { domain: "corp.example.", count: 3 },
    ],
  },
  queryRecords: { read: 90, lost: { ring: 4, log: 5, dnstap: 6 } },
  sources: [
    {
      source: "kubernetes",
      isSynced: true,
      staleSeconds: 30,
      changes: 12,
      changedAtSeconds: 1_000,
      objects: 40,
      files: undefined,
      events: 11,
      lists: 3,
      drift: 0,
      faults: 1,
    },
  ],
  zones: {
    objects: [{ kind: "Service", count: 10 }],
    names: 100,
    usedBytes: 4_096,
    liveBytes: 2_048,
    zoneFiles: 1,
    hostsFiles: [{ file: "hosts", lines: 3 }],
    publications: histogramOf([0.01], 0.004, 0.02),
    programming: [
      { kind: "cluster-ip", latencies: histogramOf([1], 0.5) },
      { kind: "headless", latencies: histogramOf([1]) },
      { kind: "file", latencies: histogramOf([1], 0.1, 3) },
    ],
  },
  problems: [{ code: "service-no-endpoints", severity: "warning", count: 2 }],
  faults: 1,
  reloads: [
    { what: "manifests", succeeded: 3, failed: 1, succeededAtSeconds: 900 },
    { what: "certificate", succeeded: 0, failed: 0, succeededAtSeconds: undefined },
  ],
  certificateExpirySeconds: 2_000,
  process: {
    startSeconds: 500,
    cpuSeconds: 1.5,
    residentBytes: 1e8,
    virtualBytes: undefined,
    openFiles: 30,
    openFilesMax: 1024,
    heapBytes: 2e7,
    heapUsedBytes: 1e7,
    externalBytes: 3e7,
    loopActiveSeconds: 0.7,
    loopLag: histogramOf([0.01], 0.002),
  },
};
