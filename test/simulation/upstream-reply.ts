// The replies of simulated upstreams, and those that others forge in their name. Written by the tests' own writer.
import type { Random } from "../fuzz/random.ts";
import { formatName, parseLabels, writeHeader, writeName, writeQuestion, writeRecord } from "../support/wire.ts";
import type { WireRecord } from "../support/wire.ts";
import { FORGED } from "./foreign-names.ts";
import type { ForeignNames } from "./foreign-names.ts";

const HEADER_SIZE = 12;
const QR_RD_RA = 0x8180;
const TC = 0x0200;
const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;
const NEGATIVE_TTL = 2;
/** CNAMEs that an upstream follows within one reply. */
const CHAIN_MAX = 4;

/** The name in the question of a query, in lower case. */
export function questionNameOf(query: Buffer): string {
  const labels: Buffer[] = [];
  for (let at = HEADER_SIZE; query[at]! > 0; at += 1 + query[at]!) {
    labels.push(query.subarray(at + 1, at + 1 + query[at]!));
  }
  return formatName(labels).toLowerCase();
}

const addressBytes = (text: string): Buffer => Buffer.from(text.split(".").map(Number));

/** What an upstream answers, from what is true now. */
export function writeReply(
  query: Buffer,
  names: ForeignNames,
  { isStream, isFailing }: { readonly isStream: boolean; readonly isFailing: boolean },
): Buffer {
  const asked = questionNameOf(query);
  const known = names.find(asked);
  // The probe for the root's servers finds them.
  if (isFailing || known?.isFailing === true) return message(query, RCODE.SERVFAIL, [], []);
  if (known?.isLarge === true && !isStream) return message(query, TC, [], []);
  const answer: WireRecord[] = [];
  let name = asked;
  for (let i = 0; i < CHAIN_MAX; i++) {
    const found = names.find(name);
    if (found?.target === undefined) break;
    answer.push({ owner: name, type: "CNAME", ttl: found.ttl, rdata: writeName(parseLabels(found.target)) });
    name = found.target;
  }
  const value = names.valueOf(name);
  const isLocal = name.endsWith(".cluster.local.");
  if (value !== "NXDOMAIN") {
    answer.push({ owner: name, type: "A", ttl: names.find(name)?.ttl ?? 0, rdata: addressBytes(value) });
    return message(query, RCODE.NOERROR, answer, []);
  }
  // Upstreams know nothing of local zones, and say so with authority.
  const rcode = asked === "." ? RCODE.NOERROR : RCODE.NXDOMAIN;
  return message(query, rcode, answer, isLocal ? [] : [soa()]);
}

/** A reply that must not be believed: of another id, for another name, cut off, or with records nobody asked for. */
export function forgeReply(query: Buffer, names: ForeignNames, random: Random): Buffer {
  const forged = { owner: questionNameOf(query), type: "A", ttl: 60, rdata: addressBytes(FORGED) };
  const reply = message(query, RCODE.NOERROR, [forged], []);
  switch (random.below(4)) {
    case 0:
      reply.writeUInt16BE((query.readUInt16BE(0) + 1 + random.below(0xfffe)) & 0xffff);
      return reply;
    case 1:
      return Buffer.concat([
        writeHeader(query.readUInt16BE(0), QR_RD_RA, 1, 1, 0, 0),
        writeQuestion("other.up.test.", 1),
        writeRecord(forged),
      ]);
    case 2:
      return reply.subarray(0, random.below(reply.length));
    default: {
      const whole = writeReply(query, names, { isStream: true, isFailing: false });
      const owner = random.pick(["other.up.test.", "a.default.svc.cluster.local."]);
      whole.writeUInt16BE(whole.readUInt16BE(10) + 1, 10);
      return Buffer.concat([whole, writeRecord({ ...forged, owner })]);
    }
  }
}

function soa(): WireRecord {
  const names = ["ns.test.", "host.test."].map((name) => writeName(parseLabels(name)));
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(NEGATIVE_TTL, 16);
  return { owner: "test.", type: "SOA", ttl: NEGATIVE_TTL, rdata: Buffer.concat([...names, numbers]) };
}

function message(
  query: Buffer,
  flags: number,
  answer: readonly WireRecord[],
  authority: readonly WireRecord[],
): Buffer {
  let end = HEADER_SIZE;
  while (query[end]! > 0) end += 1 + query[end]!;
  const header = writeHeader(query.readUInt16BE(0), QR_RD_RA | flags, 1, answer.length, authority.length, 0);
  const question = query.subarray(HEADER_SIZE, end + 5);
  return Buffer.concat([header, question, ...[...answer, ...authority].map(writeRecord)]);
}
