// The cause of an answer without records, from the question, the reply and the objects. The reply decides what
// happened: this only names the cause, so that it can't disagree with the answer. Pure.
import { CAUSE } from "../answer/answer-note.ts";
import type { AnswerNote } from "../answer/answer-note.ts";
import { EDE, RCODE, TYPE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { formatType } from "../dns/type-names.ts";
import { formatIp } from "../net/ip.ts";
import type { Reason } from "../reasons/reason.ts";
import { addressOfReverseName, isReverseName } from "../zonefile/reverse-name.ts";
import { clusterReason } from "./cluster-reason.ts";
import type { NameView } from "./explain-view.ts";
import { findPlace, plainName } from "./name-place.ts";
import { meantInDomain } from "./other-domain.ts";
import { zoneReason } from "./zone-reason.ts";

/** A question: the name in wire form, as the zones see it, so after rewrite rules. */
export interface ReasonQuestion {
  readonly name: Uint8Array;
  readonly type: number;
  /** Whether the client is among those that may ask at all. */
  readonly isAllowed?: boolean;
}

/** What was replied. `note` is absent for replies of other servers. */
export interface ReasonReply {
  readonly rcode: number;
  readonly answers: readonly ResourceRecord[];
  readonly note?: Pick<AnswerNote, "cause" | "ede">;
  /** The apex of the zone that denies the name, from its SOA. */
  readonly zone?: Uint8Array;
  /** Of an extended error. */
  readonly text?: string;
}

/** Undefined: the answer has records of the type. */
export function findReason(question: ReasonQuestion, reply: ReasonReply, view: NameView): Reason | undefined {
  const { type } = question;
  const { rcode, answers, note } = reply;
  if (rcode === RCODE.NOERROR && hasRecords(answers, type)) return undefined;
  const name = endOfChain(question.name, answers);
  const end = { name, type, rcode };
  switch (note?.cause) {
    case CAUSE.NOT_ALLOWED:
      return { code: question.isAllowed === false ? "client-not-allowed" : "recursion-not-allowed" };
    case CAUSE.NOT_READY:
      return { code: "not-loaded", zone: zoneOf(name, view) };
    case CAUSE.LOOP:
      return { code: "cname-loop", name: plainName(question.name) };
    case CAUSE.REWRITE:
      return { code: "rewritten-to-no-name", name: plainName(question.name) };
    case CAUSE.OVERRIDE:
      return { code: "overridden", name: plainName(question.name) };
    case CAUSE.UNSUPPORTED:
      return { code: "not-supported", type: formatType(type) };
    case undefined:
    case CAUSE.LOCAL:
    case CAUSE.REFERRAL:
      break;
    default:
      return outsideReason(end, reply, view);
  }
  const place = findPlace(name, view);
  const isRefused = rcode === RCODE.REFUSED || rcode === RCODE.SERVFAIL;
  if (!isRefused && isReverseName(name) && (place.kind === "outside" || place.kind === "special"))
    return pointerReason(end, reply.zone);
  if (place.kind === "outside" || isRefused) return outsideReason(end, reply, view);
  if (place.kind === "cluster") return clusterReason(end, place.cluster);
  if (place.kind === "zone-file") return zoneReason(end, place.zone, note?.cause === CAUSE.REFERRAL);
  if (place.kind === "hosts") {
    if (rcode === RCODE.NXDOMAIN) return { code: "not-in-zone", name: plainName(name), zone: place.apex };
    if (place.apex !== plainName(name)) return { code: "no-records", name: plainName(name) };
    const types = new Set(
      place.entries.map(({ address }) => (isReverseName(name) ? "PTR" : address.length === 4 ? "A" : "AAAA")),
    );
    return { code: "no-records-of-type", name: plainName(name), type: formatType(type), types: [...types] };
  }
  return specialReason(end, place.domain, view);
}

/** Whether an answer section has what was asked for, and not only aliases. */
export function hasRecords(answers: readonly ResourceRecord[], type: number): boolean {
  return answers.some((record) => record.type === type || type === TYPE.ANY);
}

/** The name at the end of the aliases of an answer section, in lower case. */
export function endOfChain(name: Uint8Array, answers: readonly ResourceRecord[]): Uint8Array {
  return lowerName(answers.findLast(({ type }) => type === TYPE.CNAME)?.rdata ?? name);
}

interface End {
  readonly name: Uint8Array;
  readonly type: number;
  readonly rcode: number;
}

/** Of a name that upstreams have, or that nobody has. */
function outsideReason({ name, type, rcode }: End, { note, text: told }: ReasonReply, view: NameView): Reason {
  const route = view.routeOf(name);
  const meant = meantInDomain(name, view);
  const text = plainName(name);
  const isUnserved = note === undefined ? rcode === RCODE.REFUSED : note.cause === CAUSE.NOT_SERVED;
  const isOpenEnd = note?.cause === CAUSE.LOCAL;
  if (isUnserved || isOpenEnd) return meant ?? { code: "not-served", name: text };
  if (rcode === RCODE.NXDOMAIN) return meant ?? { code: "upstream-denied", name: text };
  if (rcode === RCODE.NOERROR) return { code: "no-records-of-type", name: text, type: formatType(type), types: [] };
  // The server says which of several upstreams it was.
  const [, failed, cause] = /^upstream (\S+) (.+)$/.exec(told ?? "") ?? [];
  if (failed !== undefined && cause !== undefined) return { code: "upstream-failed", upstream: failed, cause };
  const upstream = route === undefined || route.upstreams.length === 0 ? "of the server" : route.upstreams.join(", ");
  return { code: "upstream-failed", upstream, cause: failureText(rcode, note) };
}

function failureText(rcode: number, note: ReasonReply["note"]): string {
  if (note?.cause === CAUSE.OVERLOADED) return "is not asked: too many questions wait";
  if (note?.ede === EDE.NO_REACHABLE_AUTHORITY) return "timed out";
  if (note?.ede === EDE.NETWORK_ERROR) return "sends no usable reply";
  return rcode === RCODE.REFUSED ? "refused the question" : "failed";
}

/** Of a name among those that every server has. */
function specialReason(end: End, domain: string, view: NameView): Reason {
  if (domain === "localhost")
    return { code: "no-records-of-type", name: plainName(end.name), type: formatType(end.type), types: ["A", "AAAA"] };
  return meantInDomain(end.name, view) ?? { code: "special-not-forwarded", domain };
}

function pointerReason({ name, type, rcode }: End, apex: Uint8Array | undefined): Reason {
  const bytes = addressOfReverseName(name);
  const address = bytes && formatIp(bytes);
  const [text, zone] = [plainName(name), apex === undefined ? "of reverse names" : plainName(apex)];
  if (address !== undefined && rcode === RCODE.NXDOMAIN) return { code: "no-pointer", address };
  if (rcode === RCODE.NXDOMAIN) return { code: "not-in-zone", name: text, zone };
  if (address === undefined && zone !== text) return { code: "no-records", name: text };
  return { code: "no-records-of-type", name: text, type: formatType(type), types: [] };
}

/** The zone that has the name, as text. */
function zoneOf(name: Uint8Array, view: NameView): string {
  const place = findPlace(name, view);
  if (place.kind === "cluster") return place.cluster.domain;
  if (place.kind === "zone-file") return plainName(place.zone.origin);
  return place.kind === "special" ? place.domain : plainName(name);
}
