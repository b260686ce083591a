// Why a server gives no records: C libraries ask without EDNS, and extended errors (RFC 8914) need EDNS. So a question
// without an answer is asked once more with EDNS, and its reasons are put beside the first reply. Pure.
import { formatListenAddress } from "../net/listen-address.ts";
import { hasAnswer } from "./observation.ts";
import type { Observation, Probe } from "./observation.ts";
import { EDNS_SIZE } from "./plan.ts";
import { isReply, withPurpose } from "./server-view.ts";

const PROBES_MAX = 48;

/** The questions to ask again: those for an address that got a reply without one, of servers that know EDNS. */
export function reasonProbes(observations: readonly Observation[]): readonly Probe[] {
  const knowing = withPurpose(observations, "edns").filter(isReply).map(serverOf);
  const probes = withPurpose(observations, "outside", "cluster", "step")
    .filter((each) => each.question.type === "A" && isReply(each) && !hasAnswer(each))
    .filter((each) => knowing.includes(serverOf(each)))
    .map(({ probe: { server }, question }): [string, Probe] => [
      `${formatListenAddress(server)} ${question.name}`,
      { purpose: "reason", server, transport: "udp", questions: [question], ednsSize: EDNS_SIZE },
    ]);
  return [...new Map(probes).values()].slice(0, PROBES_MAX);
}

/** The observations, with the extended errors of the replies to `reasonProbes`. */
export function withReasons(
  observations: readonly Observation[],
  replies: readonly Observation[],
): readonly Observation[] {
  const keyOf = (each: Observation): string => `${serverOf(each)} ${each.question.name} ${each.question.type}`;
  const reasons = new Map(
    replies.flatMap((each) => (each.outcome.kind === "reply" ? [[keyOf(each), each.outcome.extendedErrors]] : [])),
  );
  return observations.map((each) => {
    const extendedErrors = reasons.get(keyOf(each)) ?? [];
    if (each.outcome.kind !== "reply" || hasAnswer(each) || extendedErrors.length === 0) return each;
    return { ...each, outcome: { ...each.outcome, extendedErrors } };
  });
}

function serverOf({ probe }: Observation): string {
  return formatListenAddress(probe.server);
}
