// Rules on how a server can be reached: UDP, TCP, truncation, EDNS, lost packets, time. Pure.
// Each rule looks at one server.
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";
import { formatMs, isFailure } from "./observation.ts";
import type { Observation } from "./observation.ts";
import { EDNS_SIZE } from "./plan.ts";
import { isReply, pairsOf, withPurpose } from "./server-view.ts";
import type { ServerView } from "./server-view.ts";

const PLAIN_SIZE = 512;

/** What keeps the server from being asked; at most one finding. */
export function reachRules(server: ServerView, isContainer: boolean): readonly DoctorFinding[] {
  const { name, host, udp, tcp, observations, isAliveByUdp, isAliveByTcp } = server;
  if (isAliveByUdp) return isAliveByTcp ? [] : tcpRule(server);
  const first = [udp[0]!, ...tcp.slice(0, 1)];
  const isAll = (kind: Observation["outcome"]["kind"]): boolean =>
    [...udp, ...tcp].every(({ outcome }) => outcome.kind === kind);
  const malformed = udp.filter(({ outcome }) => outcome.kind === "malformed");
  const strangers = observations.filter(({ outcome }) => outcome.kind === "reply" && outcome.from !== undefined);
  if (strangers.length > 0) {
    return [
      finding("wrong-source", `${name} answers from another address, so its replies are dropped`, [
        ...strangers,
        ...first,
      ]),
    ];
  }
  if (malformed.length > 0) return [finding("malformed-reply", `${name} sends replies that can't be read`, malformed)];
  if (isAliveByTcp) {
    const how = udp.every(({ outcome }) => outcome.kind === "refused") ? "refuses UDP" : "does not answer over UDP";
    return [finding("udp-blocked", `${name} answers over TCP, but ${how}`, [udp[0]!, tcp.find(isReply)!])];
  }
  if (isAll("error")) return [finding("server-unreachable", `${name} can't be reached from here`, first)];
  const isStub = isContainer && host === "127.0.0.53";
  if (isStub) {
    return [finding("stub-in-container", `${name} is the stub of systemd-resolved, and not in this container`, first)];
  }
  if (isAll("refused")) return [finding("port-closed", `nothing listens on ${name}, for neither UDP nor TCP`, first)];
  return [finding("no-reply", `${name} answers neither over UDP nor over TCP`, first)];
}

function tcpRule({ name, udp, tcp }: ServerView): readonly DoctorFinding[] {
  // A question that gets no reply over UDP either is one that the server can't answer.
  const asked = ({ question: { name: wanted, type } }: Observation): boolean =>
    udp.some((each) => isReply(each) && each.question.name === wanted && each.question.type === type);
  if (!tcp.some(asked)) return [];
  const truncated = udp.filter(({ outcome }) => outcome.kind === "reply" && outcome.isTruncated);
  const how = tcp[0]!.outcome.kind === "refused" ? "refuses TCP" : "does not answer over TCP";
  if (truncated.length > 0) {
    const message = `${name} truncates ${truncated[0]!.question.name} and ${how}`;
    return [finding("truncation-without-tcp", message, [truncated[0]!, tcp[0]!])];
  }
  return [finding("tcp-blocked", `${name} answers over UDP, but ${how}`, [udp.find(isReply)!, tcp[0]!])];
}

/** Packets that are lost, of a server that answers over UDP. */
export function lossRules({ name, udp }: ServerView): readonly DoctorFinding[] {
  const isLost = ({ outcome }: Observation): boolean => outcome.kind === "timeout";
  const singles = withPurpose(udp, "plain", "alone");
  const pairs = pairsOf(withPurpose(udp, "pair"));
  const members = pairs.flatMap(({ a, aaaa }) => [a, aaaa]);
  // A name that is never answered says nothing of packets.
  if ([...singles, ...members].every(isLost)) return [];
  // Without any reply to AAAA, the type is what is lost; `aaaa-fails` says so.
  const isTypeLost = [...singles, ...members].filter(({ question }) => question.type === "AAAA").every(isLost);
  const asked = isTypeLost ? [...singles, ...members].filter(({ question }) => question.type === "A") : singles;
  if (asked.some(isLost)) {
    const all = [...asked, ...(isTypeLost ? [] : members)];
    const lost = all.filter(isLost);
    const message = `${name} leaves ${lost.length} of ${all.length} questions over UDP without a reply`;
    return [finding("packets-lost", message, [lost[0]!, ...all.filter(isReply).slice(0, 1)])];
  }
  const broken = isTypeLost ? [] : pairs.filter(({ a, aaaa }) => isLost(a) || isLost(aaaa));
  if (broken.length === 0) return [];
  const type = broken.every(({ a }) => !isLost(a)) ? "AAAA" : "A or AAAA";
  const often = `${broken.length} of ${pairs.length} pairs`;
  const message = `${name} loses ${type} in ${often} from one socket: lookups take 5 s`;
  const { a, aaaa } = broken[0]!;
  return [finding("pair-lost", message, [a, aaaa, ...singles.filter(isReply).slice(-1)])];
}

/** Whether EDNS works, and large answers with it. */
export function ednsRules(server: ServerView): readonly DoctorFinding[] {
  const { name, udp, tcp } = server;
  const [plain] = withPurpose(udp, "plain");
  const tries = withPurpose(udp, "edns");
  const edns = tries.find(isReply) ?? tries[0];
  if (plain?.outcome.kind !== "reply" || edns === undefined) return [];
  if (edns.outcome.kind !== "reply") {
    return [finding("edns-dropped", `${name} does not answer questions with EDNS`, [edns, plain])];
  }
  if (isFailure(edns) && !isFailure(plain)) {
    return [finding("edns-refused", `${name} answers ${edns.outcome.rcode} to questions with EDNS`, [edns, plain])];
  }
  if (!edns.outcome.hasEdns) return [finding("edns-ignored", `${name} ignores EDNS`, [edns])];
  return largeRules(server.name, withPurpose(udp, "large"), withPurpose(tcp, "large"));
}

function largeRules(name: string, udp: readonly Observation[], tcp: readonly Observation[]): readonly DoctorFinding[] {
  const byUdp = udp.find(({ probe }) => probe.ednsSize !== undefined);
  const whole = tcp.find((each) => each.outcome.kind === "reply" && !isFailure(each));
  if (byUdp === undefined || whole?.outcome.kind !== "reply") return [];
  const { size } = whole.outcome;
  if (byUdp.outcome.kind === "timeout") {
    return [finding("large-lost", `${name} has an answer of ${size} bytes that is lost over UDP`, [byUdp, whole])];
  }
  const isCut = byUdp.outcome.kind === "reply" && byUdp.outcome.isTruncated;
  if (!isCut || size > EDNS_SIZE || size <= PLAIN_SIZE) return [];
  const message = `${name} truncates an answer of ${size} bytes, though ${EDNS_SIZE} bytes are allowed`;
  return [finding("cut-at-512", message, [byUdp, whole])];
}

/** Whether half of the replies took longer than `slowMs`. */
export function timeRules(server: ServerView, slowMs: number): readonly DoctorFinding[] {
  const replies = withPurpose(server.udp, "plain", "alone", "pair").filter(isReply);
  const ms = medianMs(server);
  if (ms === undefined || ms <= slowMs) return [];
  return [finding("slow-server", `${server.name} takes ${formatMs(ms)} for an answer`, replies.slice(0, 2))];
}

/** The median time of replies over UDP to questions for a name that the server knows, milliseconds. */
export function medianMs({ udp }: ServerView): number | undefined {
  const times = withPurpose(udp, "plain", "alone", "pair").flatMap(({ outcome }) =>
    outcome.kind === "reply" ? [outcome.ms] : [],
  );
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}
