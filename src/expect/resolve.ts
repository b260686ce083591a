// Resolves the name of an expectation as a resolver would: one question after the other along the search list, until
// one has records. Where names are answered is a port, so that manifests and servers are asked alike.
import type { Expectation, Outcome, Verdict, Why } from "./expectation.ts";
import { isResolved, judge } from "./judge.ts";

/** Who answers. */
export interface NameService {
  /** The names that a resolver of who asks would ask, in its order, at least one; a text: why nobody asks. */
  candidatesOf(expectation: Expectation): readonly string[] | string;
  /** Asks for a name with its final dot. */
  ask(name: string, expectation: Expectation): Outcome | Promise<Outcome>;
  /** Why the outcome is so; undefined where nothing is known. */
  explain(expectation: Expectation, outcome: Outcome): Why | undefined | Promise<Why | undefined>;
}

/** Asks, and compares. */
export async function examine(expectation: Expectation, names: NameService): Promise<Verdict> {
  const outcome = await resolve(expectation, names);
  const explain = async (): Promise<Why | undefined> =>
    outcome.fault === undefined ? names.explain(expectation, outcome) : undefined;
  const expected = expectation.reason === undefined || isResolved(outcome) ? undefined : await explain();
  const mismatches = judge(expectation, outcome, expected);
  const why = mismatches.length === 0 ? undefined : (expected ?? (await explain()));
  return { expectation, mismatches, outcome, ...(why !== undefined && { why }) };
}

async function resolve(expectation: Expectation, names: NameService): Promise<Outcome> {
  const candidates = names.candidatesOf(expectation);
  if (typeof candidates === "string") {
    return { status: "unasked", name: expectation.name, answer: [], fault: candidates };
  }
  let decisive: Outcome | undefined;
  let rest = candidates;
  while (rest.length > 0) {
    const outcome = await names.ask(rest[0]!, expectation);
    if (isResolved(outcome)) return outcome;
    if (decisive === undefined || rankOf(outcome) > rankOf(decisive)) decisive = outcome;
    // As glibc does: an error that is no SERVFAIL ends the search list, and the name as it is comes last.
    rest = GOES_ON.includes(outcome.status) ? rest.slice(1) : rest.slice(1).slice(-1);
  }
  return decisive!;
}

const GOES_ON: readonly string[] = ["NXDOMAIN", "NODATA", "SERVFAIL", "unasked"];

/**
 * What a resolver reports when no name has records (glibc, res_search): NODATA, then failures, then NXDOMAIN. A name
 * that is outside, and so refused by a server without upstreams, says nothing of those inside.
 */
function rankOf({ status }: Outcome): number {
  if (status === "unasked" || status === "REFUSED") return 0;
  if (status === "NXDOMAIN") return 1;
  return status === "NODATA" ? 3 : 2;
}
