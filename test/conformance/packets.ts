// Bytes of queries, good and bad, built from the pieces of wire.ts. Names of numbers are those of the IANA registries.
import {
  parseLabels,
  writeHeader,
  writeName,
  writeOpt,
  writeOption,
  writeQuery,
  writeQuestion,
  writeRecord,
  writeTsig,
  type Query,
} from "../support/wire.ts";

/** The zone's apex. */
export const ZONE = "cluster.local.";
/** The id of queries that are compared byte by byte. */
export const ID = 1234;
/** The service whose A record is 10.96.0.1. */
export const KUBERNETES = `kubernetes.default.svc.${ZONE}`;
export const CLIENT_COOKIE = "0102030405060708";

export const OPTION = { NSID: 3, ECS: 8, EXPIRE: 9, COOKIE: 10, KEEPALIVE: 11, PADDING: 12, EDE: 15, UNKNOWN: 100 };

/** Bytes of hexadecimal text; blanks are nothing. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** Client subnets 0.0.0.0/0 and 10.1.2.3/24. */
export const ANY_SUBNET = writeOption(OPTION.ECS, "00010000");
export const SUBNET = writeOption(OPTION.ECS, "00011800 0a0102");
export const COOKIE = writeOption(OPTION.COOKIE, CLIENT_COOKIE);

/** A query for the zone's SOA with flags 0 and the suite's id, or what `more` says. */
export function soaQuery(more: Partial<Query> = {}): Buffer {
  return writeQuery({ name: ZONE, type: "SOA", id: ID, flags: 0, ...more });
}

/** A message of the suite's id: the header's second word, its counts, and what follows. */
export function message(flags: number, counts: readonly number[], ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([writeHeader(ID, flags, ...counts), ...parts]);
}

const GOOD_QUESTION = writeQuestion(KUBERNETES);
const OPT = writeOpt({ size: 512 });

/** Labels of 15 bytes, and a last one: 15 x 16 + 1 + last + 1 bytes. */
export function longName(last: number): string {
  return `${`${"x".repeat(15)}.`.repeat(15)}${"y".repeat(last)}.`;
}

/** Messages that are to get FORMERR. By check; `tcpOnly` ones are larger than a datagram should be. */
export const MALFORMED: Readonly<Record<string, readonly (readonly [what: string, bytes: Buffer])[]>> = {
  B03: [["no question", message(0, [0, 0, 0, 0])]],
  B05: [
    ["A and NS", message(0, [2, 0, 0, 0], writeQuestion(ZONE, 1), writeQuestion(ZONE, 2))],
    ["the same twice", message(0, [2, 0, 0, 0], GOOD_QUESTION, GOOD_QUESTION)],
    ["classes IN and CS", message(0, [2, 0, 0, 0], GOOD_QUESTION, writeQuestion(KUBERNETES, 1, 2))],
  ],
  B06: [["one question of 65,535", message(0, [65535, 0, 0, 0], writeQuestion(ZONE))]],
  B07: [["no record of three times 65,535", message(0, [1, 65535, 65535, 65535], GOOD_QUESTION)]],
  B08: [["length 0x40", message(0, [1, 0, 0, 0], hex(`40 ${"61".repeat(64)} 00 00010001`))]],
  B09: [
    ["type 0x80", message(0, [1, 0, 0, 0], hex("80 61 00 00010001"))],
    ["type 0x40", message(0, [1, 0, 0, 0], hex("41 61 00 00010001"))],
  ],
  B10: [["256 bytes", message(0, [1, 0, 0, 0], writeName(parseLabels(longName(14))), hex("00010001"))]],
  B12: [
    ["c00c", message(0, [1, 0, 0, 0], hex("c00c 00010001"))],
    ["a label before it", message(0, [1, 0, 0, 0], hex("0161 c00c 00010001"))],
  ],
  B13: [["c00e c00c", message(0, [1, 0, 0, 0], hex("c00e c00c 00010001"))]],
  B14: [
    ["past the end", message(0, [1, 0, 0, 0], hex("ffff 00010001"))],
    ["just past the end", message(0, [1, 0, 0, 0], hex("c020 00010001"))],
    ["forward", message(0, [1, 0, 0, 0], hex("c012 00010001 0161 00"))],
    ["into the header", message(0, [1, 0, 0, 0], hex("c000 00010001"))],
  ],
  B16: [
    ["no class", message(0, [1, 0, 0, 0], GOOD_QUESTION.subarray(0, -2))],
    ["no type", message(0, [1, 0, 0, 0], GOOD_QUESTION.subarray(0, -4))],
    ["half a class", message(0, [1, 0, 0, 0], GOOD_QUESTION.subarray(0, -1))],
  ],
  B17: [
    ["no root label", message(0, [1, 0, 0, 0], hex("03776562"))],
    ["a label cut short", message(0, [1, 0, 0, 0], hex("3f776562"))],
  ],
  B19: [["owner a.", message(0, [1, 0, 0, 1], GOOD_QUESTION, hex("0161"), OPT)]],
  B20: [["two", message(0, [1, 0, 0, 2], GOOD_QUESTION, OPT, OPT)]],
  B21: [["RDLENGTH 16 of 1", message(0, [1, 0, 0, 1], GOOD_QUESTION, hex("00 0029 0200 00000000 0010 00"))]],
  B22: [
    ["9 of 1", message(0, [1, 0, 0, 1], GOOD_QUESTION, writeOpt({ size: 512, options: hex("000a 0009 01") }))],
    ["half an option's head", message(0, [1, 0, 0, 1], GOOD_QUESTION, writeOpt({ size: 512, options: hex("000a") }))],
  ],
  B24: [
    ["cut after the class", message(0, [1, 0, 0, 1], GOOD_QUESTION, hex("00 0001 0001"))],
    [
      "A of three bytes",
      message(0, [1, 0, 0, 1], GOOD_QUESTION, writeRecord({ owner: KUBERNETES, type: 1, rdata: hex("0a0000") })),
    ],
  ],
  B25: [
    [
      "before another record",
      message(0, [1, 0, 0, 2], GOOD_QUESTION, writeTsig({ id: ID }), writeRecord({ type: 1, rdata: hex("0a000001") })),
    ],
    ["class IN", message(0, [1, 0, 0, 1], GOOD_QUESTION, writeTsig({ id: ID, class: 1 }))],
  ],
};

/** Sixteen kilobytes of pointers, each to the one before it, in the data of a record. Gives the last one's offset too. */
function pointerChain(links: number, start: number): { readonly bytes: Buffer; readonly last: number } {
  const bytes = Buffer.alloc(2 + links * 2);
  for (let n = 0; n < links; n++) bytes.writeUInt16BE(0xc000 | (start + n * 2), 2 + n * 2);
  return { bytes, last: start + links * 2 };
}

/** A name that is reached over 8,000 pointers: as the question, and as the owner of a record. */
export function pointerMessages(): readonly (readonly [what: string, bytes: Buffer])[] {
  const root = hex("00 0001 0001");
  const dataAt = 12 + root.length + 11;
  const chain = pointerChain(8_000, dataAt);
  const pointer = Buffer.alloc(2);
  pointer.writeUInt16BE(0xc000 | chain.last);
  const carrier = writeRecord({ type: 65_280, rdata: chain.bytes });
  const owner = Buffer.concat([pointer, hex("0001 0001 00000000 0004 0a000001")]);
  const forward = 12 + 6 + 11 + 8_000 * 2;
  const forwardPointer = Buffer.alloc(2);
  forwardPointer.writeUInt16BE(0xc000 | forward);
  const asQuestion = pointerChain(8_000, 12 + 6 + 11);
  return [
    ["as an owner", message(0, [1, 1, 0, 1], root, carrier, owner)],
    [
      "as the question",
      message(0, [1, 1, 0, 0], forwardPointer, hex("00010001"), writeRecord({ type: 65_280, rdata: asQuestion.bytes })),
    ],
  ];
}
