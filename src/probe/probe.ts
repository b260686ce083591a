// Sends the probes of the doctor: each question once, one after the other at each server, so that they do not slow each
// other; but a probe without a reply soon goes on beside the next ones. All within a limit of time. Judges nothing.
import { setTimeout as sleep } from "node:timers/promises";
import type { Observation, Outcome, Probe } from "../doctor/observation.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import { askTcp } from "./ask-tcp.ts";
import { askUdp } from "./ask-udp.ts";

/** How long the next probe waits for the one before it, milliseconds. */
const PACE_MS = 20;
/** Probes without a reply at one server. */
const UNDER_WAY_MAX = 256;

/** Limits in milliseconds. */
export interface ProbeLimits {
  /** For one question. */
  readonly timeoutMs: number;
  /** When all must be over, by `performance.now()`; probes that have not begun by then are not sent. */
  readonly endsAtMs: number;
}

/** Sends the probes; resolves with an observation a question, those of one server together. Never rejects. */
export async function sendProbes(probes: readonly Probe[], limits: ProbeLimits): Promise<readonly Observation[]> {
  const byServer = Map.groupBy(probes, ({ server }) => formatListenAddress(server));
  const sent = await Promise.all([...byServer.values()].map((its) => sendToServer(its, limits)));
  return sent.flat();
}

async function sendToServer(
  probes: readonly Probe[],
  { timeoutMs, endsAtMs }: ProbeLimits,
): Promise<readonly Observation[]> {
  const underWay = new Set<Promise<unknown>>();
  const outcomes: Promise<readonly Outcome[]>[] = [];
  for (const probe of probes) {
    const leftMs = Math.min(timeoutMs, endsAtMs - performance.now());
    if (leftMs <= 0) {
      outcomes.push(Promise.resolve(probe.questions.map(() => ({ kind: "late" }))));
      continue;
    }
    const asked = probe.transport === "udp" ? askUdp(probe, leftMs) : askTcp(probe, leftMs);
    const settled = asked.finally(() => underWay.delete(settled));
    underWay.add(settled);
    outcomes.push(asked);
    await Promise.race([asked, sleep(PACE_MS, undefined, { ref: false })]);
    if (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay);
  }
  const all = await Promise.all(outcomes);
  return probes.flatMap((probe, index) =>
    probe.questions.map((question, i) => ({ probe, question, outcome: all[index]![i]! })),
  );
}
