// The findings of `cluster-dns doctor` as text and as JSON, with what was asked. Pure.
// Escapes everything from the network and from files: it must not control a terminal.
import type { DoctorFinding } from "../doctor/codes.ts";
import { diagnose } from "../doctor/diagnose.ts";
import type { Situation } from "../doctor/diagnose.ts";
import { stepsAt } from "../doctor/name-rules.ts";
import { formatMs, formatOutcome } from "../doctor/observation.ts";
import type { Observation } from "../doctor/observation.ts";
import { isReply, serverViews } from "../doctor/server-view.ts";
import { medianMs } from "../doctor/transport-rules.ts";
import { visible } from "../std/visible.ts";
import { formatTable } from "./text-table.ts";

/** What was found, and what it was found from. */
export interface Diagnosis {
  /** No error and no warning. */
  readonly isHealthy: boolean;
  readonly findings: readonly DoctorFinding[];
  readonly servers: readonly ServerSummary[];
  readonly lookups: readonly LookupStep[];
}

interface ServerSummary {
  readonly address: string;
  readonly udp: TransportSummary;
  readonly tcp: TransportSummary;
  /** Of replies over UDP; absent: there was none. */
  readonly medianMs?: number;
}

interface TransportSummary {
  readonly asked: number;
  readonly replies: number;
}

interface LookupStep {
  readonly name: string;
  readonly step: string;
  readonly server: string;
  /** Outcomes as text. */
  readonly a: string;
  readonly aaaa: string;
}

/** Judges the observations, and sums them up. */
export function makeDiagnosis(situation: Situation, observations: readonly Observation[]): Diagnosis {
  const findings = diagnose(situation, observations);
  const views = serverViews(observations);
  const alive = views.filter(({ isAliveByUdp }) => isAliveByUdp);
  const summaryOf = (its: readonly Observation[]): TransportSummary => ({
    asked: its.length,
    replies: its.filter(isReply).length,
  });
  return {
    isHealthy: findings.every(({ severity }) => severity === "hint"),
    findings,
    servers: views.map((view) => {
      const ms = medianMs(view);
      const counts = { udp: summaryOf(view.udp), tcp: summaryOf(view.tcp) };
      return { address: view.name, ...counts, ...(ms !== undefined && { medianMs: Math.round(ms * 10) / 10 }) };
    }),
    lookups: situation.lookups.flatMap((lookup) =>
      alive.flatMap((view) =>
        stepsAt(view, lookup).map(({ a, aaaa }) => ({
          name: lookup.name,
          step: a.question.name,
          server: view.name,
          a: formatOutcome(a.outcome),
          aaaa: formatOutcome(aaaa.outcome),
        })),
      ),
    ),
  };
}

/** The worst finding first, each with its evidence and what to do; then tables of what was asked. */
export function formatDiagnosis({ isHealthy, findings, servers, lookups }: Diagnosis): string {
  const head = isHealthy ? [`healthy: ${servers.map(({ address }) => address).join(", ")}`] : [];
  const found = findings.flatMap(({ severity, message, code, evidence, advice }) => [
    `${severity}: ${message} [${code}]`,
    ...evidence.map((line) => `    ${line}`),
    `    to do: ${advice}`,
  ]);
  const serverRows = servers.map(({ address, udp, tcp, medianMs: ms }) => [
    address,
    `${udp.replies}/${udp.asked}`,
    `${tcp.replies}/${tcp.asked}`,
    ms === undefined ? "-" : formatMs(ms),
  ]);
  const lookupRows = lookups.map(({ name, step, server, a, aaaa }) => [name, step, server, a, aaaa]);
  const lines = [
    ...[...head, ...found].map(visible),
    ...table(["SERVER", "UDP REPLIES", "TCP REPLIES", "MEDIAN"], serverRows),
    ...table(["LOOKUP", "STEP", "SERVER", "A", "AAAA"], lookupRows),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ["", ...formatTable([head, ...rows])];
}

/** One JSON document. */
export function formatDiagnosisAsJson({ isHealthy, ...rest }: Diagnosis): string {
  return `${JSON.stringify({ healthy: isHealthy, ...rest }, undefined, 2)}\n`;
}
