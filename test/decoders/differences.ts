// Compares another decoder's reading of a message with the tests' own; one line for each difference.
import { isDeepStrictEqual } from "node:util";
import { canonicalIpv6, parseType, readMessage, type Message, type ResourceRecord } from "../support/wire.ts";
import { readOurs, type Reading } from "./reply.ts";
import type { Dissection } from "./tshark.ts";

/** Differences between what dnspython reads and what we do. */
export function differencesFromDnspython(bytes: Buffer, theirs: Reading | { readonly fault: string }): string[] {
  if ("fault" in theirs) return [`dnspython objects: ${theirs.fault}`];
  const ours = readOurs(bytes);
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])] as (keyof Reading)[];
  return keys
    .filter((key) => !isDeepStrictEqual(theirs[key], ours[key]))
    .map((key) => `${key}: dnspython reads ${JSON.stringify(theirs[key])}, not ${JSON.stringify(ours[key])}`);
}

/** From here on tshark calls it an error; below are warnings and remarks. */
const SEVERITY_ERROR = 0x0080_0000;
/** What it remarks about messages that are right. */
const REMARKS = [
  /^Dissector for DNS Type \(\d+\) code not implemented/,
  // It takes a TXT for text, which ends at a zero.
  /^Trailing stray characters$/,
];

/** tshark's own text for a name. */
function plainName(name: string): string {
  return name === "." ? "<Root>" : name.slice(0, -1);
}

type Column = keyof Dissection;

/** In an UPDATE the sections have other names. */
const OPCODE_UPDATE = 5;

function countsOf({
  question,
  answer,
  authority,
  additional,
  opt,
}: Message): Partial<Record<Column, readonly string[]>> {
  return {
    "dns.count.queries": [`${question === undefined ? 0 : 1}`],
    "dns.count.answers": [`${answer.length}`],
    "dns.count.auth_rr": [`${authority.length}`],
    "dns.count.add_rr": [`${additional.length + (opt === undefined ? 0 : 1)}`],
  };
}

/** Where tshark shows the same of a message, what it should show there. OPT has no TTL. */
function columnsOf(bytes: Buffer, message: Message): Partial<Record<Column, readonly string[]>> {
  const { question, opt } = message;
  const records = [...message.answer, ...message.authority, ...message.additional];
  const of = (type: string, pick: (record: ResourceRecord) => string): string[] =>
    records.filter((record) => record.type === type).map(pick);
  const word = (at: number): string => `0x${bytes.readUInt16BE(at).toString(16).padStart(4, "0")}`;
  return {
    "dns.id": [word(0)],
    "dns.flags": [word(2)],
    ...(message.opcode === OPCODE_UPDATE ? {} : countsOf(message)),
    "dns.qry.name": question === undefined ? [] : [plainName(question.name)],
    "dns.qry.type": question === undefined ? [] : [`${parseType(question.type)}`],
    "dns.resp.ttl": records.map(({ ttl }) => `${ttl}`),
    "dns.a": of("A", ({ rdata }) => rdata),
    "dns.aaaa": of("AAAA", ({ rdata }) => rdata),
    "dns.cname": of("CNAME", ({ rdata }) => plainName(rdata)),
    "dns.srv.port": of("SRV", ({ rdata }) => rdata.split(" ")[2]!),
    "dns.srv.target": of("SRV", ({ rdata }) => plainName(rdata.split(" ")[3]!)),
    "dns.soa.serial_number": of("SOA", ({ rdata }) => rdata.split(" ")[2]!),
    "dns.opt.code": (opt?.options ?? []).map(({ code }) => `${code}`),
  };
}

/** Lists types of its own: each would look like another record. */
const TYPES_OF_TYPES = ["NSEC", "TYPE50"];

/** Owners and types of all records, in any order: it has an OPT among them, which we keep apart. */
function differencesOfRecords(dissection: Dissection, { opt, ...message }: Message): string[] {
  const records = [...message.answer, ...message.authority, ...message.additional];
  // An SRV's owner is shown in parts, as service, protocol and name.
  const owners = records.filter(({ type }) => type !== "SRV").map(({ owner }) => plainName(owner));
  const types = records.map(({ type }) => `${parseType(type)}`);
  if (opt !== undefined) {
    owners.push("<Root>");
    types.push("41");
  }
  const hasTypes = records.some(({ type }) => TYPES_OF_TYPES.includes(type));
  const hasEscapes = owners.some((owner) => owner.includes("\\"));
  const sorted = (column: Column, ours: readonly string[]): string[] =>
    differencesOfTexts(column, dissection[column].toSorted(), ours.toSorted());
  return [...(hasEscapes ? [] : sorted("dns.resp.name", owners)), ...(hasTypes ? [] : sorted("dns.resp.type", types))];
}

/** What has escapes is written in other ways there, and counts as the same. */
function differencesOfTexts(column: string, theirs: readonly string[], ours: readonly string[]): string[] {
  const isSame = (text: string, index: number): boolean => theirs[index] === text || text.includes("\\");
  if (theirs.length === ours.length && ours.every(isSame)) return [];
  return [`${column}: tshark reads ${theirs.join(", ")}, not ${ours.join(", ")}`];
}

/** Differences between what tshark shows and what we read. */
export function differencesFromTshark(bytes: Buffer, dissection: Dissection): string[] {
  const message = readMessage(bytes);
  const severities = dissection["_ws.expert.severity"].map(Number);
  const complaints = dissection["_ws.expert.message"].filter(
    (text, index) => severities[index]! >= SEVERITY_ERROR || !REMARKS.some((remark) => remark.test(text)),
  );
  const differences = Object.entries(columnsOf(bytes, message)).flatMap(([column, ours]) => {
    const shown = dissection[column as Column];
    return differencesOfTexts(column, column === "dns.aaaa" ? shown.map(canonicalIpv6) : shown, ours);
  });
  return [
    ...dissection["_ws.malformed"].map((text) => `tshark calls it malformed: ${text}`),
    ...complaints.map((text) => `tshark complains: ${text}`),
    ...differences,
    ...differencesOfRecords(dissection, message),
  ];
}
