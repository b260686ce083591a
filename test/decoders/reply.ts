// One reply as it came, and what decoders can be held against each other by: numbers, and text where it has one form.
// The text is that of the tests' own decoder (test/support/wire.ts).
import { parseType, readMessage, type Message, type ResourceRecord } from "../support/wire.ts";

/** A reply's bytes, and what was asked for it. */
export interface Reply {
  readonly label: string;
  /** Rows of docs/answers.md that it shows. */
  readonly rows: readonly string[];
  readonly bytes: Buffer;
}

/** What a decoder makes of a message. */
export interface Reading {
  readonly id: number;
  /** The header's second word without the response code. */
  readonly flags: number;
  /** With the upper bits that an OPT has. */
  readonly rcode: number;
  /** `NAME CLASS TYPE`, absent where there is no question. */
  readonly question?: string;
  /** `OWNER CLASS TYPE TTL RDATA`, in order, without OPT and TSIG. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** `SIZE VERSION FLAGS`, then `CODE HEX` for each option. */
  readonly opt?: readonly string[];
}

const TSIG = "TYPE250";

/** The records of a section, without a TSIG. */
function withoutTsig(section: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return section.filter(({ type }) => type !== TSIG);
}

function formatRecord(record: ResourceRecord): string {
  return `${record.owner} ${record.class} ${parseType(record.type)} ${record.ttl} ${record.rdata}`;
}

/** The response code of a message, with its upper bits. */
export function rcodeOf(bytes: Buffer, { opt }: Message): number {
  return (bytes.readUInt16BE(2) & 0x0f) | ((opt?.extendedRcode ?? 0) << 4);
}

/** What the tests' own decoder makes of a message; throws where it is malformed. */
export function readOurs(bytes: Buffer): Reading {
  const message = readMessage(bytes);
  const { question, opt } = message;
  const section = (records: readonly ResourceRecord[]): string[] => withoutTsig(records).map(formatRecord);
  return {
    id: message.id,
    flags: bytes.readUInt16BE(2) & 0xfff0,
    rcode: rcodeOf(bytes, message),
    ...(question && { question: `${question.name} ${question.class} ${parseType(question.type)}` }),
    answer: section(message.answer),
    authority: section(message.authority),
    additional: section(message.additional),
    ...(opt && {
      opt: [
        `${opt.size} ${opt.version} ${opt.flags}`,
        ...opt.options.map(({ code, data }) => `${code} ${data.toString("hex")}`),
      ],
    }),
  };
}
