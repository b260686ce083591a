// Alternating rounds: every server has its turn in each, so that what the machine does meanwhile hits all alike, and
// ratios are taken within a round. Measures what one load costs a server.
import { runLoad } from "./dnsperf.ts";
import type { Load, LoadResult } from "./dnsperf.ts";
import { treeUsage } from "./process-usage.ts";
import type { Bed, BenchServer } from "./servers.ts";
import { median } from "./statistics.ts";

/** A load's result with what it cost the server. */
export interface Measured extends LoadResult {
  /** CPU time of the server's whole process tree for each answer, microseconds. */
  readonly cpuUs: number;
}

/**
 * Calls `measure` for each subject (a server, or a condition of one) in each round, each round beginning with another
 * one; the first round only warms up and is left out. Samples by subject, in the order of the rounds.
 */
export async function alternate<S, T>(
  subjects: readonly S[],
  rounds: number,
  measure: (subject: S) => Promise<T>,
): Promise<ReadonlyMap<S, readonly T[]>> {
  const samples = new Map<S, T[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(round + turn) % subjects.length]!;
      const sample = await measure(subject);
      if (round > 0) samples.get(subject)!.push(sample);
    }
  }
  return samples;
}

/** Runs a load and takes the server's CPU time before and after. */
export async function measureLoad(bed: Bed, server: BenchServer, load: Omit<Load, "port">): Promise<Measured> {
  const before = treeUsage(server.pid);
  const result = await runLoad(bed.processes, { ...load, port: server.port }, `${bed.folder}/dnsperf.txt`);
  const after = treeUsage(server.pid);
  return { ...result, cpuUs: (after.cpuUs - before.cpuUs) / result.completed };
}

/** The median of the rounds' ratios of ours to another's. */
export function medianRatio<T>(ours: readonly T[], others: readonly T[], value: (sample: T) => number): number {
  return median(ours.map((sample, round) => value(sample) / value(others[round]!)));
}

/** By how many percent ours costs more CPU a query than another, in each round. */
export function cpuDifferences(ours: readonly Measured[], others: readonly Measured[]): readonly number[] {
  return ours.map(({ cpuUs }, round) => (cpuUs / others[round]!.cpuUs - 1) * 100);
}
