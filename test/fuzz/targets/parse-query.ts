// The two parsers of queries (src/answer/query.ts and parse-query.ts) against each other, and against the tests' own
// decoder: what that one takes, the full parser takes, and says the same of it; what the plain one takes, the full one
// does too.
import { parseQuery } from "../../../src/answer/parse-query.ts";
import { Query } from "../../../src/answer/query.ts";
import { formatType, parseLabels, writeName, writeQuery } from "../../support/wire.ts";
import type { Message } from "../../support/wire.ts";
import { readWhole } from "../reply-laws.ts";
import { NAME_PIECES, SAMPLE_QUERIES } from "../sample-messages.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const HEADER_SIZE = 12;
const BEFORE = 3;
const TSIG = "TYPE250";
const COOKIE = 10;
/** An OPT whose owner is a pointer to the root: its owner is to be a zero byte (RFC 6891 6.1.2). */
const POINTED_OPT = /[\xc0-\xff][\0-\xff]\0\x29/;

const plain = new Query();

export const target: Target = {
  input: "message",
  sizeMax: 1_024,
  seeds: SAMPLE_QUERIES,
  dictionary: NAME_PIECES,
  run(input) {
    // Inside other bytes, so that a read beyond either end is no read of nothing.
    const held = new Uint8Array(BEFORE + input.length + BEFORE).fill(1);
    held.set(input, BEFORE);
    const message = held.subarray(BEFORE, BEFORE + input.length);
    const isPlain = plain.read(held, BEFORE, BEFORE + input.length);
    if (message.length < HEADER_SIZE) {
      law(!isPlain, () => "a query without a header");
      return "short";
    }
    const parsed = parseQuery(message);
    const whole = readWhole(input);
    if (isPlain) checkPlain(message, parsed);
    if (whole !== undefined && canBeTaken(whole, message)) checkWhole(whole, parsed, message);
    return `${isPlain ? "plain" : parsed === undefined ? "malformed" : "other"}, ${whole === undefined ? "odd" : "whole"}`;
  },
};

type Parsed = ReturnType<typeof parseQuery>;

function checkPlain(message: Uint8Array, parsed: Parsed): void {
  law(parsed?.question !== undefined && parsed.tsig === undefined, () => "plain for one parser alone");
  const { question, opt, questionEnd } = parsed!;
  law(question!.type === plain.type && question!.class === 1, () => `type ${question!.type}, not ${plain.type}`);
  law((opt !== undefined) === plain.hasOpt, () => `OPT ${opt !== undefined}`);
  const name = message.subarray(HEADER_SIZE, questionEnd - 4);
  law(plain.nameSize === name.length, () => `a name of ${plain.nameSize} bytes, not ${name.length}`);
  const lower = Buffer.from(name.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)));
  law(lower.equals(plain.name.subarray(0, plain.nameSize)), () => "another name");
  if (opt === undefined) return;
  law(opt.version === 0 && opt.udpSize === plain.udpSize, () => `size ${opt.udpSize}, not ${plain.udpSize}`);
  law(opt.dnssecOk === plain.dnssecOk, () => `DO ${opt.dnssecOk}`);
}

/** The decoder knows no TSIG, and takes cookies of any size (RFC 7873 5.2.2). */
function canBeTaken({ additional, opt }: Message, message: Uint8Array): boolean {
  if (POINTED_OPT.test(Buffer.from(message).toString("latin1"))) return false;
  const cookies = opt?.options.filter(({ code }) => code === COOKIE) ?? [];
  return additional.every(({ type }) => type !== TSIG) && cookies.every(({ data }) => data.length === 8);
}

function checkWhole(whole: Message, parsed: Parsed, message: Uint8Array): void {
  law(parsed !== undefined, () => "well-formed, and not taken");
  const { question, opt } = parsed!;
  law((question === undefined) === (whole.question === undefined), () => "a question for one alone");
  law((opt === undefined) === (whole.opt === undefined), () => "an OPT for one alone");
  if (opt !== undefined && whole.opt !== undefined) {
    const { size, version, flags } = whole.opt;
    law(opt.udpSize === size && opt.version === version, () => `${opt.udpSize} ${opt.version}, not ${size} ${version}`);
    law(opt.dnssecOk === (flags & 0x8000) > 0, () => `DO ${opt.dnssecOk}`);
  }
  if (question === undefined || whole.question === undefined) return;
  const { name, type } = whole.question;
  law(formatType(question.type) === type, () => `type ${question.type}, not ${type}`);
  law(question.class === whole.question.class, () => `class ${question.class}`);
  const bytes = message.subarray(HEADER_SIZE, parsed!.questionEnd - 4);
  law(writeName(parseLabels(name)).equals(bytes), () => `${name} written again is another name`);
  checkWrittenAgain(whole, message);
}

/** What is as a query written anew is, byte by byte, comes out as it went in. */
function checkWrittenAgain(whole: Message, message: Uint8Array): void {
  const flagWord = (message[2]! << 8) | message[3]!;
  const { question, opt, id, answer, authority, additional } = whole;
  if (question === undefined || answer.length + authority.length + additional.length > 0) return;
  const options = opt?.options.map(({ code, data }) => {
    return Buffer.concat([Buffer.from([code >> 8, code, data.length >> 8, data.length]), data]);
  });
  const { size = 0, version = 0, flags = 0, extendedRcode = 0 } = opt ?? {};
  if (extendedRcode !== 0) return;
  const written = writeQuery({
    ...question,
    id,
    flags: flagWord,
    ...(options && { opt: { size, version, flags, options: Buffer.concat(options) } }),
  });
  law(written.equals(message), () => "written again it is another message");
}
