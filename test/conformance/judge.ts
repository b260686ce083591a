// Judges replies: each function returns a list of faults, empty for a good reply. The kinds of replies are those that
// genreport and RFC 8906 8 distinguish. Replies are decoded by the tests' strict decoder and compared with dns2's reading.
import { isUtf8 } from "node:buffer";
import { differencesFromDns2 } from "../support/second-opinion.ts";
import { readMessage, type Message, type Opt, type Query } from "../support/wire.ts";
import { OPTION } from "./packets.ts";

/** Plain answer, EDNS answer, BADVERS, NOTIMP, FORMERR. */
export type ReplyKind = "plain" | "edns" | "badvers" | "notimp" | "formerr";

const DO = 0x8000;
const BADVERS = 16;
const BADCOOKIE = 23;
const COOKIE_BYTES = 8;
/** Options that may come back, when they were asked with. */
const KNOWN_OPTIONS: readonly number[] = [OPTION.NSID, OPTION.ECS, OPTION.EXPIRE, OPTION.COOKIE];

/** The faults of a reply of that kind to `query`. */
export function faultsOf(kind: ReplyKind, query: Buffer, reply: Buffer): string[] {
  if (reply.length < 12) return [`a reply of ${reply.length} bytes`];
  if (kind === "formerr") return formerrFaults(query, reply);
  const message = decode(reply);
  if (typeof message === "string") return [message];
  const asked = readMessage(query);
  switch (kind) {
    case "plain":
      return [...answerFaults(asked, message), ...(message.opt === undefined ? [] : ["an OPT that nobody asked for"])];
    case "edns":
      return [...answerFaults(asked, message), ...optFaults(asked, message.opt, 0)];
    case "badvers":
      return badversFaults(asked, message);
    case "notimp":
      return notimpFaults(asked, message, reply);
  }
}

/** The decoded reply, or what no decoder may meet. */
export function decode(reply: Buffer): Message | string {
  try {
    const message = readMessage(reply);
    const [difference] = message.question === undefined ? [] : differencesFromDns2(reply, message);
    return difference ?? message;
  } catch (error) {
    return `malformed: ${(error as Error).message}`;
  }
}

const unless = (isGood: boolean, fault: string): string[] => (isGood ? [] : [fault]);

/** The whole response code, with the part that the OPT holds. */
export function rcodeOf(message: Message): string {
  const extended = message.opt?.extendedRcode ?? 0;
  if (extended === 0) return message.rcode;
  const low = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"].indexOf(message.rcode);
  return `RCODE${extended * 16 + (low < 0 ? Number(message.rcode.slice(5)) : low)}`;
}

/** What every reply shares: QR, id, opcode, and what may be set in its header. */
function headerFaults(asked: Message, message: Message): string[] {
  const { flags } = message;
  return [
    ...unless(flags.qr, "QR=0"),
    ...unless(message.id === asked.id, `id ${message.id}`),
    ...unless(message.opcode === asked.opcode, `opcode ${message.opcode}`),
    ...unless(!flags.z, "Z=1"),
  ];
}

function answerFaults(asked: Message, message: Message): string[] {
  const { flags } = message;
  const wantsDnssec = asked.flags.ad || ((asked.opt?.flags ?? 0) & DO) !== 0;
  const soa = message.answer.filter(({ type }) => type === "SOA");
  const mayDemandCookie = hasClientCookieAlone(asked.opt) && rcodeOf(message) === `RCODE${BADCOOKIE}`;
  return [
    ...headerFaults(asked, message),
    ...unless(message.questionBytes.equals(asked.questionBytes), "another question"),
    ...unless(flags.rd === asked.flags.rd, `RD=${Number(flags.rd)}`),
    ...unless(!flags.tc, "TC=1"),
    ...unless(!flags.ad || wantsDnssec, "AD=1 unasked"),
    ...unless(!flags.cd || asked.flags.cd, "CD=1 unasked"),
    ...(mayDemandCookie
      ? []
      : [
          ...unless(rcodeOf(message) === "NOERROR", rcodeOf(message)),
          ...unless(flags.aa, "AA=0"),
          ...unless(asked.question?.type !== "SOA" || soa.length === 1, `${soa.length} SOA`),
        ]),
  ];
}

function hasClientCookieAlone(opt: Opt | undefined): boolean {
  return opt?.options.some(({ code, data }) => code === OPTION.COOKIE && data.length === COOKIE_BYTES) === true;
}

function optFaults(asked: Message, opt: Opt | undefined, extendedRcode: number): string[] {
  if (opt === undefined) return ["no OPT"];
  const wanted = (asked.opt?.options ?? []).map(({ code }) => code);
  const cookie = asked.opt?.options.find(({ code }) => code === OPTION.COOKIE)?.data.subarray(0, COOKIE_BYTES);
  const mayBe = extendedRcode === 0 && hasClientCookieAlone(asked.opt) ? [0, BADCOOKIE >> 4] : [extendedRcode];
  const codes = opt.options.map(({ code }) => code);
  return [
    ...unless(opt.version === 0, `version ${opt.version}`),
    ...unless(mayBe.includes(opt.extendedRcode), `extended rcode ${opt.extendedRcode}`),
    ...unless((opt.flags & ~((asked.opt?.flags ?? 0) & DO)) === 0, `EDNS flags ${opt.flags.toString(16)}`),
    ...unless(new Set(codes).size === codes.length, `options ${codes.join(" ")}`),
    ...opt.options.flatMap(({ code, data }) => {
      // Any reply to EDNS may have an extended error (RFC 8914 3): a code, and UTF-8.
      if (code === OPTION.EDE)
        return unless(data.length >= 2 && isUtf8(data.subarray(2)), `EDE ${data.toString("hex")}`);
      if (!wanted.includes(code) || !KNOWN_OPTIONS.includes(code)) return [`option ${code}`];
      if (code === OPTION.EXPIRE) return unless(data.length === 4, `EXPIRE of ${data.length} bytes`);
      if (code !== OPTION.COOKIE) return [];
      const isGood = data.length >= 16 && data.length <= 40 && data.subarray(0, COOKIE_BYTES).equals(cookie!);
      return unless(isGood, `cookie ${data.toString("hex")}`);
    }),
  ];
}

function badversFaults(asked: Message, message: Message): string[] {
  return [
    ...headerFaults(asked, message),
    ...unless(message.rcode === "NOERROR", `header's rcode ${message.rcode}`),
    ...optFaults(asked, message.opt, BADVERS >> 4),
    ...unless(message.answer.length + message.authority.length + message.additional.length === 0, "records"),
  ];
}

function notimpFaults(asked: Message, message: Message, reply: Buffer): string[] {
  const { aa, rd, ra, ad, cd } = message.flags;
  const hasQuestion = asked.question !== undefined;
  const isEmpty = hasQuestion ? message.answer.length + message.authority.length === 0 : reply.length === 12;
  return [
    ...headerFaults(asked, message),
    ...unless(message.rcode === "NOTIMP", message.rcode),
    ...unless(!(aa || ra || ad || cd) && (hasQuestion || !rd), "flags"),
    ...unless(message.opt === undefined && message.additional.length === 0 && isEmpty, "more than a header"),
  ];
}

/** A FORMERR need not decode as a whole; its header must be right, and no record may be in its answer. */
function formerrFaults(query: Buffer, reply: Buffer): string[] {
  const rcode = reply.readUInt8(3) & 15;
  return [
    ...unless(reply.readUInt16BE(0) === query.readUInt16BE(0), "another id"),
    ...unless((reply.readUInt8(2) & 0x80) !== 0, "QR=0"),
    ...unless(rcode === 1, `rcode ${rcode}`),
    ...unless(reply.readUInt16BE(6) + reply.readUInt16BE(8) === 0, "records"),
    ...(typeof decode(reply) === "string" ? [decode(reply) as string] : []),
  ];
}

/** The faults of a UDP reply's size. */
export function sizeFaults(query: Query, reply: Buffer, serverMost = 1232): string[] {
  const most = query.opt === undefined ? 512 : Math.max(512, Math.min(query.opt.size, serverMost));
  return unless(reply.length <= most, `${reply.length} bytes where ${most} are allowed`);
}
