// Rules on the names to look up: whether a step of the search has them, which step fails, how many queries it costs.
// Pure. They look at servers that answer over UDP.
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";
import { formatMs, hasAnswer, isFailure, verdict } from "./observation.ts";
import type { Observation } from "./observation.ts";
import { dotsIn } from "./search-steps.ts";
import { pairsOf, withPurpose } from "./server-view.ts";
import type { Pair, ServerView } from "./server-view.ts";

/** A name as it was given, and the absolute names that are asked for it, in order. */
export interface Lookup {
  readonly name: string;
  readonly steps: readonly string[];
  /** Whether it was asked for, and is no example of the doctor. */
  readonly isWanted: boolean;
}

/** A step of a lookup as one server answers it. */
export interface Step extends Pair {
  /** Until both replies were there, milliseconds. */
  readonly ms: number;
}

/** The steps that the server was asked, in order. */
export function stepsAt({ udp }: ServerView, { steps }: Lookup): readonly Step[] {
  const pairs = pairsOf(withPurpose(udp, "step"));
  return steps.flatMap((step) => {
    const pair = pairs.find(({ a }) => a.question.name === step);
    return pair === undefined ? [] : [{ ...pair, ms: Math.max(msOf(pair.a), msOf(pair.aaaa)) }];
  });
}

function msOf({ outcome }: Observation): number {
  return outcome.kind === "late" ? 0 : outcome.ms;
}

function isFound({ a, aaaa }: Pair): boolean {
  return hasAnswer(a) || hasAnswer(aaaa) || verdict(a) === "a truncated reply";
}

/** What is wrong with one name, at the first server that finds it, or at all. */
export function nameRules(servers: readonly ServerView[], lookup: Lookup): readonly DoctorFinding[] {
  const all = servers.map((server) => stepsAt(server, lookup)).filter((steps) => steps.length > 0);
  const found = all.find((steps) => steps.some(isFound));
  if (found === undefined) return lookup.isWanted ? notFound(lookup, all.flat()) : [];
  const at = found.findIndex(isFound);
  const before = found.slice(0, at);
  const failed = before.filter(({ a }) => isFailure(a));
  return [
    ...(failed.length === 0
      ? []
      : [
          finding(
            "step-fails",
            `a lookup of ${lookup.name} fails on ${failed[0]!.a.question.name} (${verdict(failed[0]!.a)}) ` +
              `before it finds ${found[at]!.a.question.name}`,
            failed.map(({ a }) => a),
          ),
        ]),
    ...costRule(lookup, found.slice(0, at + 1)),
  ];
}

function notFound({ name }: Lookup, steps: readonly Step[]): readonly DoctorFinding[] {
  if (steps.length === 0) return [];
  const evidence = steps.map(({ a }) => a);
  // A server that refuses outside names is none that fails, unless it refuses all steps.
  const failing = evidence.filter((each) => isFailure(each) && verdict(each) !== "REFUSED");
  const failed = failing[0] ?? (evidence.every(isFailure) ? evidence[0] : undefined);
  if (failed !== undefined) {
    const message = `${name} gets no answer: ${failed.question.name} gets ${verdict(failed)}`;
    return [finding("name-fails", message, [failed, ...evidence])];
  }
  const empty = evidence.find((each) => verdict(each) === "NODATA");
  if (empty !== undefined) {
    return [finding("name-not-found", `${name} has no address: ${empty.question.name} exists without`, [empty])];
  }
  const tried = new Set(evidence.map(({ question }) => question.name)).size;
  const where = tried === 1 ? "" : `: none of the ${tried} names of its search does`;
  return [finding("name-not-found", `${name} does not exist${where}`, evidence)];
}

/** `steps`: those up to the one that has the name. */
function costRule({ name }: Lookup, steps: readonly Step[]): readonly DoctorFinding[] {
  const last = steps.at(-1)!.a.question.name;
  if (steps.length === 1) return [];
  const ms = steps.reduce((sum, step) => sum + step.ms, 0);
  const saved = (steps.length - 1) * 2;
  const message =
    `a lookup of ${name} costs ${steps.length * 2} queries (A and AAAA of ${steps.length} names), ${formatMs(ms)}; ` +
    `${last} with its final dot costs 2`;
  const isAbsolute = last === `${name}.`;
  const ndots = isAbsolute && dotsIn(name) > 0 ? `, or set ndots to ${dotsIn(name)} in dnsConfig options` : "";
  const advice = `write ${last} with its final dot, which saves ${saved} queries${ndots}`;
  const evidence = steps.map(
    (step) => `${step.a.question.name} ${isFound(step) ? "records" : verdict(step.a)} in ${formatMs(step.ms)}`,
  );
  return [finding("ndots-cost", message, evidence, advice)];
}
