// Explains why a name resolves or not: asks the code that answers for each name of the search list, in the order of a
// resolver, and names the cause of what came. Opens nothing; the view may ask upstreams.
import { KnownClient } from "../answer/client.ts";
import { TYPE } from "../dns/constants.ts";
import { parseName } from "../dns/name.ts";
import { formatType, parseType } from "../dns/type-names.ts";
import { AddressList } from "../net/address-list.ts";
import { parseIp } from "../net/ip.ts";
import { askCandidate } from "./ask-candidate.ts";
import { candidateNames, findAsker, isWhole } from "./asker.ts";
import { findDecisive } from "./decisive.ts";
import type { CandidateOutcome, Explanation, ExplainQuestion } from "./explanation.ts";
import type { ExplainView } from "./explain-view.ts";
import { finalDotHints, findHints } from "./hints.ts";
import { sentenceOf } from "./sentence.ts";

/** What is wrong with a question, as a sentence without a full stop. `isMissing`: who asks does not exist. */
export interface QuestionFault {
  readonly fault: string;
  readonly isMissing?: true;
}

/** The fault: the name, the type or who asks is not valid, or does not exist. */
export async function explain(view: ExplainView, question: ExplainQuestion): Promise<Explanation | QuestionFault> {
  const { name, from = view.namespace } = question;
  if (parseName(name) === undefined) return { fault: `${JSON.stringify(name)} is not a DNS name` };
  const types = typesOf(question.type);
  if (types === undefined) return { fault: `${JSON.stringify(question.type)} is not a record type` };
  const asker = findAsker(from, view);
  if ("fault" in asker) return asker;
  const search = isWhole(name) ? { ...asker.search, domains: [] } : asker.search;
  const address = parseIp(search.address)!;
  const client = new KnownClient("tcp", address);
  const isAllowed = view.allow === undefined || new AddressList(view.allow).has(address, address.length);
  const candidates: CandidateOutcome[] = [];
  let names = candidateNames(name, search);
  while (names.length > 0) {
    const [next, ...rest] = names;
    const candidate = await askCandidate({ name: next!, types, client, isAllowed }, view);
    candidates.push(candidate);
    // What a resolver does after a name that upstreams may have is not known where nobody asks them.
    if (candidate.outcome === "records" || candidate.outcome === "forwarded") break;
    // As glibc does: an error that is no SERVFAIL ends the search list, and the name as it is comes last.
    names = candidate.outcome === "refused" ? rest.slice(-1) : rest;
  }
  const decisive = findDecisive(name, candidates, view);
  const meant = candidates[decisive]!;
  const isResolved = candidates.at(-1)!.outcome === "records";
  const unasked =
    isWhole(name) && name !== "." && !isResolved ? candidateNames(name.slice(0, -1), asker.search).slice(0, -1) : [];
  return {
    question: { name, types: types.map(formatType), from },
    isResolved,
    sentence: sentenceOf(name, meant),
    search,
    candidates,
    decisive,
    hints: [...asker.hints, ...findHints(candidates, meant, view), ...finalDotHints(unasked, view)],
  };
}

/** The types to ask for; undefined: not a type. */
function typesOf(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return [TYPE.A, TYPE.AAAA];
  const type = parseType(text);
  return type === undefined ? undefined : [type];
}
