// What the control plane counts: publications, what sources hand in, and how long it took from a change outside to the
// moment when queries see it (the "DNS programming latency" of Kubernetes' scalability objectives).
import type { SourceChange } from "../cluster/change.ts";
import type { Difference, Registry } from "../cluster/registry.ts";
import type { EndpointSlice } from "../objects/kube-object.ts";
import { exponentialBounds, Histogram } from "../std/histogram.ts";

/** Seconds, 1 ms to 17 minutes: the bounds of CoreDNS. */
const LATENCY_BOUNDS = exponentialBounds(0.001, 2, 20);
/** Seconds, 1 ms to 16 s. */
const DURATION_BOUNDS = exponentialBounds(0.001, 2, 15);

/** What was published of a cluster. */
export interface Publication {
  readonly changes: readonly SourceChange[];
  readonly differences: readonly Difference[];
}

/** What a source has handed in. */
export interface ChangeCounts {
  /** Objects and files with objects that it added, changed or removed; and its sets of zones. */
  changes: number;
  /** Of the last change, wall clock, ms. */
  changedAtMs: number;
}

export class PublicationCounts {
  /** How long publications took, pauses for other work included, seconds. */
  readonly durations = new Histogram(DURATION_BOUNDS);
  /** Seconds from a change to its publication: of the endpoints of services by kind of service, and of files. */
  readonly latencies = {
    "cluster-ip": new Histogram(LATENCY_BOUNDS),
    headless: new Histogram(LATENCY_BOUNDS),
    file: new Histogram(LATENCY_BOUNDS),
  } as const;
  /** By source. */
  readonly changes = new Map<string, ChangeCounts>();

  countChanges(source: string, changes: number, nowMs: number): void {
    const counts = this.changes.get(source) ?? { changes: 0, changedAtMs: 0 };
    this.changes.set(source, counts);
    counts.changes += changes;
    counts.changedAtMs = nowMs;
  }

  /** Records latencies up to `nowMs`, wall clock. Not for the first load: its changes are older than the process. */
  recordLatencies({ changes, differences }: Publication, registry: Registry, nowMs: number): void {
    for (const change of changes)
      if (change.type === "replace" && change.savedAtMs !== undefined) this.recordSave(change.savedAtMs, nowMs);
    for (const { before, after } of differences) {
      if (after?.kind !== "EndpointSlice" || after.triggeredAtMs === undefined) continue;
      if (before?.kind === "EndpointSlice" && before.triggeredAtMs === after.triggeredAtMs) continue;
      const kind = serviceKind(after, registry);
      if (kind !== undefined) this.latencies[kind].record(secondsBetween(after.triggeredAtMs, nowMs));
    }
  }

  /** Records how long ago a file was saved that has been published. */
  recordSave(savedAtMs: number, nowMs: number): void {
    this.latencies.file.record(secondsBetween(savedAtMs, nowMs));
  }
}

/** The clock that stamped a change may be ahead. */
function secondsBetween(stampMs: number, nowMs: number): number {
  return Math.max(0, nowMs - stampMs) / 1000;
}

function serviceKind(slice: EndpointSlice, registry: Registry): "cluster-ip" | "headless" | undefined {
  const service = registry.service(slice.namespace, slice.serviceName);
  if (service === undefined) return undefined;
  return service.headless ? "headless" : "cluster-ip";
}
