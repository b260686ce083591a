// Rules on what servers answer: outside names, missing names, AAAA beside A, and whether servers agree. Pure.
// They look at servers that answer over UDP.
import { formatListenAddress } from "../net/listen-address.ts";
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";
import { hasAnswer, isFailure, verdict } from "./observation.ts";
import type { Observation } from "./observation.ts";
import { isReply, pairsOf, withPurpose } from "./server-view.ts";
import type { ServerView } from "./server-view.ts";

/** AAAA, and names that do not exist, at one server. */
export function answerRules(server: ServerView): readonly DoctorFinding[] {
  const malformed = server.udp.filter(({ outcome }) => outcome.kind === "malformed");
  return [
    ...(malformed.length > 0
      ? [finding("malformed-reply", `${server.name} sends replies that can't be read`, malformed)]
      : []),
    ...aaaaRule(server),
    ...coherenceRule(server),
    ...missingRules(server),
  ];
}

function aaaaRule({ name, udp }: ServerView): readonly DoctorFinding[] {
  const asked = withPurpose(udp, "plain", "alone", "pair", "outside", "cluster", "step");
  for (const its of Map.groupBy(asked, ({ question }) => question.name).values()) {
    const a = its.find((each) => each.question.type === "A" && !isFailure(each));
    const aaaas = its.filter(({ question }) => question.type === "AAAA");
    // A pair that lost its AAAA may be bad luck: the type fails if it always does.
    if (a === undefined || aaaas.length === 0 || !aaaas.every(isFailure)) continue;
    if (aaaas.length === 1 && !isReply(aaaas[0]!)) continue;
    const how = isReply(aaaas[0]!) ? verdict(aaaas[0]!) : "nothing";
    return [finding("aaaa-fails", `${name} answers A of ${a.question.name}, but ${how} to AAAA`, [a, ...aaaas])];
  }
  return [];
}

function coherenceRule({ name, udp }: ServerView): readonly DoctorFinding[] {
  for (const { a, aaaa } of pairsOf(udp)) {
    const says = [verdict(a), verdict(aaaa)];
    if (says.filter((each) => each === "NXDOMAIN").length !== 1 || isFailure(a) || isFailure(aaaa)) continue;
    const message = `${name} contradicts itself on ${a.question.name}: ${says[0]} for A, ${says[1]} for AAAA`;
    return [finding("a-aaaa-incoherent", message, [a, aaaa])];
  }
  return [];
}

function missingRules({ name, udp }: ServerView): readonly DoctorFinding[] {
  const rewritten = withPurpose(udp, "missing").filter(hasAnswer);
  if (rewritten.length > 0) {
    return [finding("nxdomain-rewritten", `${name} has an address for a name that does not exist`, rewritten)];
  }
  const missing = withPurpose(udp, "missing", "wildcard");
  const wildcards = missing.filter(hasAnswer).map(({ question }) => {
    const domain = question.name.slice(question.name.indexOf(".") + 1);
    const its = missing.filter((each) => each.question.name === question.name);
    return finding("search-wildcard", `${name} has every name in ${domain}, a domain of the search list`, its);
  });
  const empty = missing.filter((each) => verdict(each) === "NODATA");
  const message = `${name} answers that a missing name exists without records`;
  return [...wildcards, ...(empty.length > 0 ? [finding("nodata-for-missing", message, empty)] : [])];
}

/** Names of the internet, at all servers: a finding where none of them has the name. */
export function outsideRule(servers: readonly ServerView[]): readonly DoctorFinding[] {
  const asked = servers
    .flatMap(({ udp }) => withPurpose(udp, "outside"))
    .filter(({ question }) => question.type === "A");
  if (asked.length === 0 || asked.some(hasAnswer)) return [];
  const { name } = asked[0]!.question;
  const whose = servers.length === 1 ? servers[0]!.name : "every server";
  if (asked.every((each) => verdict(each) === "REFUSED")) {
    return [finding("outside-refused", `${whose} refuses names outside its zones, such as ${name}`, asked)];
  }
  const how = [...new Set(asked.map(verdict))].join(" or ");
  return [finding("outside-fails", `names outside the cluster do not resolve: ${name} gets ${how}`, asked)];
}

/** Questions that one server answers otherwise than another. */
export function agreementRules(servers: readonly ServerView[]): readonly DoctorFinding[] {
  const asked = servers.flatMap(({ udp }) => firstReplies(withPurpose(udp, "plain", "outside", "cluster", "step")));
  const byName = [...Map.groupBy(asked, ({ question }) => question.name).values()];
  const differing = byName.filter((its) => new Set(its.map(verdict)).size > 1);
  // The first question that shows it, so that a server is named once.
  const failing = differing.find((its) => its.some(isFailure) && !its.every(isFailure));
  const contrary = differing.find((its) => new Set(its.filter((each) => !isFailure(each)).map(verdict)).size > 1);
  return [
    ...(failing === undefined ? [] : [oneFails(failing)]),
    ...(contrary === undefined ? [] : [disagree(contrary)]),
  ];
}

/** For each name, the first reply to A, or that there was none: a lost packet is no disagreement. */
function firstReplies(observations: readonly Observation[]): readonly Observation[] {
  const asked = observations.filter(({ question }) => question.type === "A");
  return [...Map.groupBy(asked, ({ question }) => question.name).values()].map((its) => its.find(isReply) ?? its[0]!);
}

function oneFails(its: readonly Observation[]): DoctorFinding {
  const bad = its.find(isFailure)!;
  const good = its.find((each) => !isFailure(each))!;
  const { name } = bad.question;
  const message = `${serverOf(bad)} fails on ${name} (${verdict(bad)}), and ${serverOf(good)} answers`;
  return finding("one-server-fails", message, [bad, good]);
}

function disagree(its: readonly Observation[]): DoctorFinding {
  const answers = its.filter((each) => !isFailure(each));
  const first = answers[0]!;
  const other = answers.find((each) => verdict(each) !== verdict(first))!;
  const says = `${serverOf(first)} says ${verdict(first)}, ${serverOf(other)} says ${verdict(other)}`;
  return finding("servers-disagree", `servers disagree on ${first.question.name}: ${says}`, [first, other]);
}

function serverOf({ probe }: Observation): string {
  return formatListenAddress(probe.server);
}
