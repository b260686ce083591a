// From what was observed to what is wrong: calls the rules, and puts the worst finding first. Pure.
// A server that does not answer is reported once, and the other rules leave it out.
import type { ListenAddress } from "../net/listen-address.ts";
import type { Severity } from "../objects/problem.ts";
import { agreementRules, answerRules, outsideRule } from "./answer-rules.ts";
import { clusterRules } from "./cluster-rules.ts";
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";
import { nameRules } from "./name-rules.ts";
import type { Lookup } from "./name-rules.ts";
import type { Observation } from "./observation.ts";
import { resolvConfRules } from "./resolv-conf-rules.ts";
import type { ReadFile } from "./resolv-conf-rules.ts";
import { serverViews } from "./server-view.ts";
import { ednsRules, lossRules, reachRules, timeRules } from "./transport-rules.ts";

/** What the doctor knows before it asks. */
export interface Situation {
  /** Undefined: servers were named, and no file. */
  readonly resolvConf: ReadFile | undefined;
  readonly servers: readonly ListenAddress[];
  /** Whether the servers are those of resolv.conf. */
  readonly areServersOfFile: boolean;
  readonly lookups: readonly Lookup[];
  /** That of the search list, or as said. */
  readonly clusterDomain: string | undefined;
  readonly isPod: boolean;
  readonly isContainer: boolean;
  /** A median above it is slow, milliseconds. */
  readonly slowMs: number;
}

const RANKS: Readonly<Record<Severity, number>> = { error: 0, warning: 1, hint: 2 };

/** The findings, worst first; those of equal severity in the order of the rules. */
export function diagnose(situation: Situation, observations: readonly Observation[]): readonly DoctorFinding[] {
  const { resolvConf, lookups, slowMs, isContainer } = situation;
  const servers = serverViews(observations);
  const alive = servers.filter(({ isAliveByUdp }) => isAliveByUdp);
  const hasSearchList = resolvConf !== undefined && "conf" in resolvConf;
  const late = observations.filter(({ outcome }) => outcome.kind === "late");
  const findings = [
    ...servers.flatMap((server) => reachRules(server, isContainer)),
    ...(resolvConf === undefined ? [] : resolvConfRules(resolvConf, situation.areServersOfFile)),
    ...clusterRules(alive, { ...situation, hasSearchList }),
    ...alive.flatMap((server) => [...lossRules(server), ...answerRules(server)]),
    ...agreementRules(alive),
    ...outsideRule(alive),
    ...(late.length > 0 ? [finding("not-all-asked", `${late.length} questions were not asked`, late)] : []),
    ...lookups.flatMap((lookup) => nameRules(alive, lookup)),
    ...alive.flatMap((server) => [...ednsRules(server), ...timeRules(server, slowMs)]),
  ];
  return findings.toSorted((a, b) => RANKS[a.severity] - RANKS[b.severity]);
}
