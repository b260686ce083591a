// How long it takes from a change outside until it is served: of endpoints by the cluster's own stamp, of files by the
// time of their save.
import { describe, expect, test } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import type { Difference } from "../../src/cluster/registry.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Origin } from "../../src/objects/origin.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import { PublicationCounts } from "../../src/planes/publication-counts.ts";
import { service } from "../support/cluster.ts";

const ORIGIN: Origin = { source: "live", precedence: 1, order: 0, name: "", isControlled: false };
const NOW_MS = Date.parse("2026-11-30T12:00:10Z");
const STAMP = "endpoints.kubernetes.io/last-change-trigger-time";

function parsed(manifest: unknown): KubeObject {
  return parseObject(manifest, { namespace: "default", locate: () => undefined }).object!;
}

function slice(serviceName: string, stamp?: string): KubeObject {
  const annotations = stamp === undefined ? {} : { [STAMP]: stamp };
  const labels = { "kubernetes.io/service-name": serviceName };
  return parsed({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${serviceName}-1`, namespace: "default", labels, annotations },
    addressType: "IPv4",
    endpoints: [],
  });
}

function registry(): Registry {
  const held = new Registry();
  const objects = [service("web", "10.96.0.80"), service("db", "None")].map(parsed);
  held.apply(objects.map((object) => ({ type: "put", origin: ORIGIN, object })));
  return held;
}

/** The number of latencies of each kind, and their sum in seconds, after these differences. */
function recorded(...differences: Difference[]): Record<string, [count: number, seconds: number]> {
  const counts = new PublicationCounts();
  counts.recordLatencies({ changes: [], differences }, registry(), NOW_MS);
  return latenciesOf(counts);
}

function latenciesOf({ latencies }: PublicationCounts): Record<string, [count: number, seconds: number]> {
  const all = Object.entries(latencies).map(([kind, histogram]) => {
    const { counts, sum } = histogram.copy();
    return [kind, [counts.reduce((total, count) => total + count, 0), sum]] as const;
  });
  return Object.fromEntries(all.filter(([, [count]]) => count > 0)) as Record<string, [number, number]>;
}

describe("endpoints", () => {
  test.each<[what: string, serviceName: string, stamp: string | undefined, expected: object]>([
    ["of a service with an address", "web", "2026-11-30T12:00:08Z", { "cluster-ip": [1, 2] }],
    ["of a headless service", "db", "2026-11-30T12:00:09.500Z", { headless: [1, 0.5] }],
    ["of no service", "other", "2026-11-30T12:00:08Z", {}],
    ["without a stamp", "web", undefined, {}],
    ["with a stamp that is no time", "web", "yesterday", {}],
    ["with a stamp of a clock that is ahead", "web", "2026-11-30T12:01:00Z", { "cluster-ip": [1, 0] }],
  ])("%s", (_, serviceName, stamp, expected) => {
    expect(recorded({ after: slice(serviceName, stamp) })).toEqual(expected);
  });

  test("a slice that changed without a change of its pods is not recorded again", () => {
    const stamp = "2026-11-30T12:00:08Z";
    expect(recorded({ before: slice("web", stamp), after: slice("web", stamp) })).toEqual({});
    expect(recorded({ before: slice("web", stamp) })).toEqual({});
    expect(recorded({ before: slice("web", "2026-11-30T11:00:00Z"), after: slice("web", stamp) })).toEqual({
      "cluster-ip": [1, 2],
    });
  });
});

test("files: manifests and zone files by the time of their save", () => {
  const counts = new PublicationCounts();
  const at = (savedAtMs?: number) =>
    ({ type: "replace", origin: ORIGIN, objects: [], ...(savedAtMs !== undefined && { savedAtMs }) }) as const;
  const changes = [at(NOW_MS - 100), at(), at(NOW_MS - 400)];
  counts.recordLatencies({ changes, differences: [] }, registry(), NOW_MS);
  counts.recordSave(NOW_MS - 500, NOW_MS);
  expect(latenciesOf(counts)).toEqual({ file: [3, 1] });
});

test("changes by source, and when the last one came", () => {
  const counts = new PublicationCounts();
  counts.countChanges("manifests", 3, 1_000);
  counts.countChanges("kubernetes", 1, 2_000);
  counts.countChanges("manifests", 1, 3_000);
  expect([...counts.changes]).toEqual([
    ["manifests", { changes: 4, changedAtMs: 3_000 }],
    ["kubernetes", { changes: 1, changedAtMs: 2_000 }],
  ]);
});
