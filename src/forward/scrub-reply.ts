// Keeps the records of an upstream's reply that answer the question, and drops all others (RFC 5452 6, RFC 2181 5.4.1).
// Answer: the chain of CNAME and DNAME from the question, and the RRset at its end. Authority: the SOA of a negative
// answer (RFC 2308 2), and proofs if the client set DO. Additional: nothing. Pure; never throws on any bytes.
import { FLAG, RCODE, TYPE } from "../dns/constants.ts";
import { questionEnd, rcodeOf, readRecords } from "../dns/message.ts";
import type { RecordPlace } from "../dns/message.ts";
import { equalNames, isAtOrBelow, NAME_SIZE_MAX, nameEnd, readName } from "../dns/name.ts";
import { expandRdata } from "../dns/rdata.ts";
import { isMetaType } from "../dns/type-names.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { UpstreamQuestion } from "./upstream-query.ts";

export interface ScrubbedReply {
  /** With the upper bits of EDNS; NOERROR if the chain leaves the bailiwick. */
  readonly rcode: number;
  /** The upstream's AD bit, for clients that set AD or DO (RFC 6840 5.8). */
  readonly authenticated: boolean;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** Where the chain ends; without a chain, the question's name. */
  readonly lastName: Uint8Array;
}

/** Records of the authority section to look at: four proofs with signatures for each of a few names of a chain. */
const AUTHORITY_MAX = 32;
/** CNAMEs to follow from a question; a longer chain, or a loop, is malformed. */
export const CHAIN_LENGTH_MAX = 11;
/** Offset of the signer's name in the rdata of an RRSIG (RFC 4034 3.1). */
const RRSIG_SIGNER_OFFSET = 18;

/**
 * The usable part of `reply`, which `checkReply` has matched with its query. Records with owners outside `bailiwick`
 * (wire form; the root for default upstreams) are dropped. Undefined: malformed, or the chain is too long.
 */
export function scrubReply(
  reply: Uint8Array,
  question: UpstreamQuestion,
  bailiwick: Uint8Array = new Uint8Array(1),
): ScrubbedReply | undefined {
  const places = readRecords(reply);
  if (places === undefined || !hasQuestion(reply, question)) return undefined;
  const { rcode } = rcodeOf(reply);
  const records: { readonly section: RecordPlace["section"]; readonly record: ResourceRecord }[] = [];
  for (const place of places) {
    // A meta type says something about a message, and is no record of a name.
    if (place.section === "additional" || place.class !== question.class || isMetaType(place.type)) continue;
    const record = readRecord(reply, place);
    if (record === undefined) return undefined;
    if (isAtOrBelow(record.owner, bailiwick)) records.push({ section: place.section, record });
  }
  const inSection = (section: RecordPlace["section"]): readonly ResourceRecord[] =>
    records.filter((each) => each.section === section).map(({ record }) => record);
  const chain = followChain(inSection("answer"), question);
  if (chain === undefined) return undefined;
  const lastName = chain.names.at(-1)!;
  const hasLeft = !isAtOrBelow(lastName, bailiwick);
  return {
    // The reply's rcode is about a name that this upstream is not believed for.
    rcode: hasLeft ? RCODE.NOERROR : rcode,
    authenticated: (reply[3]! & FLAG.AD) !== 0,
    answer: chain.answer,
    authority: hasLeft ? [] : keepAuthority(inSection("authority").slice(0, AUTHORITY_MAX), chain, question.dnssecOk),
    lastName,
  };
}

function hasQuestion(reply: Uint8Array, question: UpstreamQuestion): boolean {
  const questions = (reply[4]! << 8) | reply[5]!;
  // An error may be a header alone.
  if (questions === 0) return (reply[3]! & 0x0f) !== RCODE.NOERROR;
  const name = readName(reply, 12);
  if (questions !== 1 || name === undefined || !equalNames(name, question.name)) return false;
  const view = new DataView(reply.buffer, reply.byteOffset + questionEnd(reply) - 4, 4);
  return view.getUint16(0) === question.type && view.getUint16(2) === question.class;
}

function readRecord(reply: Uint8Array, place: RecordPlace): ResourceRecord | undefined {
  const owner = readName(reply, place.ownerAt);
  const rdata = expandRdata(reply, place.type, place.rdataAt, place.rdataEnd);
  if (owner === undefined || rdata === undefined) return undefined;
  return { owner, type: place.type, class: place.class, ttl: place.ttl > 0x7fff_ffff ? 0 : place.ttl, rdata };
}

interface Chain {
  readonly answer: readonly ResourceRecord[];
  /** The question's name, then each CNAME's target. */
  readonly names: readonly Uint8Array[];
  /** Whether the last name has the RRset that was asked for. */
  readonly isAnswered: boolean;
}

function followChain(records: readonly ResourceRecord[], question: UpstreamQuestion): Chain | undefined {
  const answer: ResourceRecord[] = [];
  const names = [question.name];
  for (let name = question.name; ;) {
    const here = records.filter(({ owner }) => equalNames(owner, name));
    const isWanted = (type: number): boolean => type === question.type || question.type === TYPE.ANY;
    const set = here.filter(({ type }) => isWanted(type));
    const signed = ({ type }: ResourceRecord, owner: Uint8Array): readonly ResourceRecord[] =>
      question.dnssecOk ? records.filter((each) => equalNames(each.owner, owner) && covers(each, type)) : [];
    if (set.length > 0) {
      const [dname, cname] = question.type === TYPE.CNAME ? (nextLink(records, here, name) ?? []) : [];
      // A CNAME that a DNAME synthesizes is proven by the DNAME alone (RFC 6672 5.3.1).
      if (dname !== undefined && cname !== undefined) answer.push(dname, ...signed(dname, dname.owner));
      const signatures = here.filter(
        (each) => !isWanted(each.type) && question.dnssecOk && covers(each, question.type),
      );
      // In the letter case of the question, which clients compare with.
      answer.push(...[...set, ...signatures].map((record) => ({ ...record, owner: name })));
      return { answer, names, isAnswered: true };
    }
    const link = nextLink(records, here, name);
    if (link === undefined) return { answer, names, isAnswered: false };
    for (const record of link) {
      const owner = record.type === TYPE.CNAME ? name : record.owner;
      answer.push({ ...record, owner }, ...signed(record, owner));
    }
    name = link.at(-1)!.rdata;
    if (names.length > CHAIN_LENGTH_MAX || names.some((before) => equalNames(before, name))) return undefined;
    names.push(name);
  }
}

/** The CNAME at `name`, behind the DNAME that it is synthesized from (RFC 6672 3.3), here if the reply lacks it. */
function nextLink(
  records: readonly ResourceRecord[],
  here: readonly ResourceRecord[],
  name: Uint8Array,
): readonly ResourceRecord[] | undefined {
  const cname = here.find(({ type }) => type === TYPE.CNAME);
  const dname = records.find(
    ({ type, owner }) => type === TYPE.DNAME && owner.length < name.length && isAtOrBelow(name, owner),
  );
  if (dname === undefined) return cname && [cname];
  const prefix = name.subarray(0, name.length - dname.owner.length);
  const target = new Uint8Array(prefix.length + dname.rdata.length);
  target.set(prefix);
  target.set(dname.rdata, prefix.length);
  if (cname !== undefined) return equalNames(cname.rdata, target) ? [dname, cname] : [cname];
  if (target.length > NAME_SIZE_MAX) return undefined;
  return [dname, { owner: name, type: TYPE.CNAME, class: dname.class, ttl: dname.ttl, rdata: target }];
}

/** Whether `record` is a signature over the records of `type` at its owner. */
function covers(record: ResourceRecord, type: number): boolean {
  return record.type === TYPE.RRSIG && ((record.rdata[0]! << 8) | record.rdata[1]!) === type;
}

function keepAuthority(
  records: readonly ResourceRecord[],
  { names, isAnswered }: Chain,
  dnssecOk: boolean,
): readonly ResourceRecord[] {
  const lastName = names.at(-1)!;
  const soa = records.find(({ type, owner }) => type === TYPE.SOA && isAtOrBelow(lastName, owner));
  const kept = soa === undefined || isAnswered ? [] : [soa];
  if (!dnssecOk) return kept;
  // A proof is of no use without a signature by a zone that contains a name of the chain.
  const isSigned = ({ owner, type }: ResourceRecord): boolean =>
    records.some((each) => equalNames(each.owner, owner) && covers(each, type) && isRelevantSignature(each, names));
  const proofs = records.filter(
    (record) => (record.type === TYPE.NSEC || record.type === TYPE.NSEC3) && isSigned(record),
  );
  const proven = [...kept, ...proofs];
  const signatures = records.filter(
    (each) =>
      isRelevantSignature(each, names) &&
      proven.some(({ owner, type }) => equalNames(owner, each.owner) && covers(each, type)),
  );
  return [...proven, ...signatures];
}

function isRelevantSignature({ type, owner, rdata }: ResourceRecord, names: readonly Uint8Array[]): boolean {
  if (type !== TYPE.RRSIG) return false;
  const signer = readSigner(rdata);
  return signer !== undefined && isAtOrBelow(owner, signer) && names.some((name) => isAtOrBelow(name, signer));
}

/** The signer's name, which is never compressed (RFC 4034 3.1.7). */
function readSigner(rdata: Uint8Array): Uint8Array | undefined {
  const end = nameEnd(rdata, RRSIG_SIGNER_OFFSET);
  return end === undefined ? undefined : rdata.subarray(RRSIG_SIGNER_OFFSET, end);
}
