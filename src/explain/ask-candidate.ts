// Asks for one candidate, as a client that can use EDNS would, and tells what became of it: the replies, what decided
// them, the reason, and the objects behind the name.
import type { AnswerNote } from "../answer/answer-note.ts";
import type { Client } from "../answer/client.ts";
import { QueryRewriter, REWRITE } from "../answer/query-rewriter.ts";
import { readExtendedErrors } from "../dns/extended-error.ts";
import { CLASS_IN, OPT_SIZE, RCODE, TYPE, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { questionEnd, readRecords, readSections, writeQuery } from "../dns/message.ts";
import type { QueryEdns } from "../dns/message.ts";
import { formatName, lowerName, parseName } from "../dns/name.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { formatType } from "../dns/type-names.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { formatRdata } from "../zonefile/rdata-text.ts";
import { serviceOf } from "./cluster-reason.ts";
import { findDecider } from "./decided-by.ts";
import type { CandidateOutcome, Outcome, ReplySize, ServiceChain, TypeReply } from "./explanation.ts";
import type { ExplainView } from "./explain-view.ts";
import { endOfChain, findReason, hasRecords } from "./find-reason.ts";
import { findPlace } from "./name-place.ts";
import { meantInDomain } from "./other-domain.ts";
import { serviceChain } from "./service-chain.ts";

/** What the client says it accepts. */
const CLIENT_EDNS: QueryEdns = { udpSize: 4096, dnssecOk: false };

/** Who asks for what. */
export interface CandidateQuestion {
  /** In text form. */
  readonly name: string;
  readonly types: readonly number[];
  readonly client: Client;
  /** Whether the client is among those that may ask. */
  readonly isAllowed: boolean;
}

/** The reply to one type, and what it says. */
interface Asked {
  readonly type: number;
  readonly outcome: Outcome;
  readonly rcode: number | undefined;
  readonly note: AnswerNote | undefined;
  readonly answers: readonly ResourceRecord[];
  /** Of the SOA in the authority section. */
  readonly zone?: Uint8Array;
  readonly size: ReplySize | undefined;
  /** Of the extended error. */
  readonly text: string | undefined;
}

export async function askCandidate(question: CandidateQuestion, view: ExplainView): Promise<CandidateOutcome> {
  const name = lowerName(parseName(question.name)!);
  const asked: Asked[] = [];
  for (const type of question.types) asked.push(await askType(name, type, question, view));
  // Programs are content with addresses of one family.
  const told = asked.find(({ outcome }) => outcome === "records") ?? asked[0]!;
  const rewritten = rewrite(name, told.type, view);
  const zoneName = rewritten ?? name;
  const service = findService([zoneName, ...namesIn(zoneName, told.answers)], view);
  const alias = service?.externalName === undefined ? undefined : parseName(service.externalName);
  const end = told.outcome === "forwarded" ? (alias ?? zoneName) : endOfChain(zoneName, told.answers);
  const reason = reasonOf(told, zoneName, end, question, view);
  return {
    name: question.name,
    outcome: told.outcome,
    rcode: told.rcode === undefined ? "" : rcodeName(told.rcode),
    replies: asked.map(toReply),
    ...(reason !== undefined && { reason, reasonText: formatReason(reason) }),
    decidedBy: findDecider({ name: zoneName, end, note: told.note, isAllowed: question.isAllowed }, view),
    ...(rewritten !== undefined && { rewrittenTo: formatName(rewritten) }),
    ...(service !== undefined && { service }),
  };
}

async function askType(
  name: Uint8Array,
  type: number,
  { client }: CandidateQuestion,
  view: ExplainView,
): Promise<Asked> {
  const none = { type, rcode: undefined, note: undefined, answers: [], size: undefined, text: undefined };
  const got = await view.ask(clientQuery(name, type), client);
  // What is handed over to no upstream is refused.
  const isRefused = got === "forwarded" && view.routeOf(rewrite(name, type, view) ?? name)?.upstreams.length === 0;
  if (isRefused) return { ...none, outcome: "refused", rcode: RCODE.REFUSED };
  if (typeof got === "string") return { ...none, outcome: got };
  const { reply, note } = got;
  const { answer: answers, authority } = readSections(reply);
  const zone = authority.find((record) => record.type === TYPE.SOA)?.owner;
  const { rcode } = note;
  const [outcome, size] = [outcomeOf(rcode, answers, type), sizeOf(reply, view.ednsSize)];
  // Of an upstream's failure, what this server says of it is the last.
  const texts = readExtendedErrors(reply).map((error) => error.text.toString("utf8"));
  const text =
    texts
      .filter((each) => each !== "")
      .toReversed()
      .join(": ") || undefined;
  return { type, outcome, rcode, note, answers, ...(zone && { zone }), size, text };
}

/** The query of a client that can use EDNS. */
export function clientQuery(name: Uint8Array, type: number): Uint8Array {
  return writeQuery({ name, type, class: CLASS_IN }, CLIENT_EDNS);
}

function outcomeOf(rcode: number, answers: readonly ResourceRecord[], type: number): Outcome {
  if (rcode === RCODE.NOERROR) return hasRecords(answers, type) ? "records" : "no-records";
  if (rcode === RCODE.NXDOMAIN) return "no-name";
  return rcode === RCODE.REFUSED ? "refused" : "failed";
}

/** The additional section is left out where it does not fit, which is no cut. */
function sizeOf(reply: Uint8Array, ednsSize: number): ReplySize {
  const last = readRecords(reply)?.findLast(({ section }) => section !== "additional");
  const bytes = last?.rdataEnd ?? questionEnd(reply);
  return { bytes, isCutWithoutEdns: bytes > UDP_SIZE_PLAIN, isCutWithEdns: bytes + OPT_SIZE > ednsSize };
}

/** The name that rewrite rules make of it; undefined: the same. */
function rewrite(name: Uint8Array, type: number, { rewriteRules }: ExplainView): Uint8Array | undefined {
  if (rewriteRules.length === 0) return undefined;
  const rewriter = new QueryRewriter(rewriteRules);
  const query = clientQuery(name, type);
  if (rewriter.rewrite(query, 0, query.length) !== REWRITE.DONE) return undefined;
  const { bytes, size } = rewriter.question.name;
  const rewritten = bytes.slice(0, size);
  return Buffer.compare(rewritten, name) === 0 ? undefined : rewritten;
}

function reasonOf(
  { rcode, answers, note, type, outcome, text, zone }: Asked,
  name: Uint8Array,
  end: Uint8Array,
  { isAllowed }: CandidateQuestion,
  view: ExplainView,
): Reason | undefined {
  if (outcome === "records" || outcome === "silence") return undefined;
  if (rcode === undefined) {
    // Nobody was asked; but upstreams hardly know the services of this cluster.
    const isForAll = view.routeOf(end)?.domain === ".";
    return isForAll ? meantInDomain(end, view) : undefined;
  }
  return findReason(
    { name, type, isAllowed },
    { rcode, answers, ...(note && { note }), ...(zone && { zone }), ...(text !== undefined && { text }) },
    view,
  );
}

/** The names that an answer section leads to. */
function namesIn(name: Uint8Array, answers: readonly ResourceRecord[]): readonly Uint8Array[] {
  const pointer = answers.find(({ type }) => type === TYPE.PTR);
  return [endOfChain(name, answers), ...(pointer === undefined ? [] : [lowerName(pointer.rdata)])];
}

/** The chain of the first name that is of a service. */
function findService(names: readonly Uint8Array[], view: ExplainView): ServiceChain | undefined {
  for (const name of names) {
    const place = findPlace(name, view);
    if (place.kind !== "cluster") continue;
    const named = serviceOf(name, place.cluster.domain);
    const service = named && place.cluster.registry.service(named.namespace, named.service);
    if (service !== undefined) return serviceChain(service, place.cluster);
  }
  return undefined;
}

function toReply({ type, rcode, answers, size, text }: Asked): TypeReply {
  return {
    type: formatType(type),
    rcode: rcode === undefined ? "" : rcodeName(rcode),
    records: formatRecords(answers),
    ...(text !== undefined && { extendedError: text }),
    ...(size && { size }),
  };
}

/** The aliases in their order, then the other records sorted: a server turns them round from reply to reply. */
function formatRecords(answers: readonly ResourceRecord[]): readonly string[] {
  const isAlias = ({ type }: ResourceRecord): boolean => type === TYPE.CNAME;
  const others = answers.filter((record) => !isAlias(record)).map(formatRecord);
  return [...answers.filter(isAlias).map(formatRecord), ...others.toSorted()];
}

/** A record as a line of a zone file. */
function formatRecord({ owner, ttl, type, rdata }: ResourceRecord): string {
  return `${formatName(owner)} ${ttl} IN ${formatType(type)} ${formatRdata(type, rdata)}`;
}
