// Any bytes as the reply of an upstream (src/forward): judged by reply-check.ts, and what is kept of it by
// scrub-reply.ts. What is kept answers the question, and written as a message anew it is kept the same way.
import { checkReply, isTruncated } from "../../../src/forward/reply-check.ts";
import { scrubReply } from "../../../src/forward/scrub-reply.ts";
import type { ResourceRecord } from "../../../src/dns/resource-record.ts";
import type { ScrubbedReply } from "../../../src/forward/scrub-reply.ts";
import { withId, writeUpstreamQuery } from "../../../src/forward/upstream-query.ts";
import type { UpstreamQuestion } from "../../../src/forward/upstream-query.ts";
import { address, name, soa, writeReply } from "../../support/scripted-upstream.ts";
import { writeHeader } from "../../support/wire.ts";
import { NAME_PIECES } from "../sample-messages.ts";
import { readWhole } from "../reply-laws.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const ANY = 255;
const TTL_MAX = 0x7fff_ffff;
const ROOT = new Uint8Array(1);
const BAILIWICKS = [ROOT, new Uint8Array(name("z."))];

const QUESTIONS: readonly UpstreamQuestion[] = [1, 28, ANY].flatMap((type) =>
  [false, true].map((dnssecOk) => {
    return { name: new Uint8Array(name("a.z.")), type, class: 1, dnssecOk, checkingDisabled: false };
  }),
);

const A = { owner: "a.z.", type: "A", rdata: address("192.0.2.1") };
const link = (owner: string, target: string): typeof A => ({ owner, type: "CNAME", rdata: name(target) });
const NSEC = { owner: "z.", type: "NSEC", rdata: Buffer.concat([name("b.z."), Buffer.of(0, 1, 64)]) };
/** Of that type at `z.`. */
const signature = (owner: string, type: number): typeof A => {
  return {
    owner,
    type: "RRSIG",
    rdata: Buffer.concat([Buffer.of(0, type), Buffer.alloc(16), name("z."), Buffer.of(9)]),
  };
};

export const target: Target = {
  input: "message",
  sizeMax: 1_024,
  seeds: [
    { answer: [A] },
    { answer: [link("a.z.", "b.z."), link("b.z.", "c."), { ...A, owner: "c." }] },
    { answer: [link("a.z.", "b.z."), link("b.z.", "a.z.")] },
    { answer: [A, signature("a.z.", 1)], authority: [{ owner: "z.", type: "NS", rdata: name("ns.z.") }] },
    { rcode: 3, authority: [{ owner: "z.", type: "SOA", rdata: soa() }, NSEC, signature("z.", 47)] },
    {
      answer: [
        { owner: "z.", type: "TYPE39", rdata: name("y.") },
        { ...A, owner: "a.y." },
      ],
    },
  ].flatMap((reply) => QUESTIONS.map((question) => writeReply(withId(writeUpstreamQuery(question), 0xabcd), reply))),
  dictionary: NAME_PIECES,
  run(input) {
    const reply = new Uint8Array(input);
    const outcomes = QUESTIONS.map((question) => runQuestion(reply, question));
    return outcomes.find((outcome) => outcome !== "unrelated") ?? "unrelated";
  },
};

function runQuestion(reply: Uint8Array, question: UpstreamQuestion): string {
  const id = ((reply[0] ?? 0) << 8) | (reply[1] ?? 0);
  const fit = checkReply(withId(writeUpstreamQuery(question), id), reply, false);
  if (fit === "malformed") law(readWhole(reply)?.question === undefined, () => "well-formed, and malformed");
  if (fit !== "reply" || isTruncated(reply)) return fit;
  const kept = BAILIWICKS.map((bailiwick) => {
    const scrubbed = scrubReply(reply, question, bailiwick);
    if (scrubbed === undefined) return "useless";
    for (const record of [...scrubbed.answer, ...scrubbed.authority]) checkRecord(record);
    checkAnswer(scrubbed, question);
    // To ANY a CNAME is the answer, also one that was made of a DNAME.
    if (question.type !== ANY) checkWrittenAgain(scrubbed, question, bailiwick);
    return `${Math.min(scrubbed.answer.length, 3)}+${Math.min(scrubbed.authority.length, 3)}`;
  });
  return kept.join(" ");
}

function checkRecord({ owner, ttl, rdata, type }: ResourceRecord): void {
  law(isName(owner), () => `owner ${Buffer.from(owner).toString("hex")}`);
  law(ttl >= 0 && ttl <= TTL_MAX, () => `TTL ${ttl}`);
  if (type === 2 || type === 5 || type === 12 || type === 39) law(isName(rdata), () => `a name in type ${type}`);
  if (type === 1 || type === 28) law(rdata.length === (type === 1 ? 4 : 16), () => `${rdata.length} bytes of address`);
}

/** Each record belongs to the question's name, to a target of a record before it, or to a name above these (DNAME). */
function checkAnswer({ answer, lastName }: ScrubbedReply, question: UpstreamQuestion): void {
  const names = [question.name, ...answer.filter(({ type }) => type === 5).map(({ rdata }) => rdata)].map(textOf);
  for (const { owner } of answer) {
    const text = textOf(owner);
    law(
      names.some((each) => each.endsWith(text)),
      () => `a record of ${text}`,
    );
  }
  law(names.includes(textOf(lastName)), () => `the last name is ${textOf(lastName)}`);
}

function checkWrittenAgain(scrubbed: ScrubbedReply, question: UpstreamQuestion, bailiwick: Uint8Array): void {
  const { answer, authority, rcode } = scrubbed;
  // The upper bits of the rcode are the OPT's.
  const header = writeHeader(0, 0x8000 | (rcode & 15), 1, answer.length, authority.length, 0);
  const asked = [...question.name, question.type >> 8, question.type & 255, 0, question.class];
  const bytes = Buffer.concat([header, Buffer.from(asked), ...[...answer, ...authority].map(writeRecord)]);
  law(readWhole(bytes) !== undefined, () => "written again it is not well-formed");
  const again = scrubReply(new Uint8Array(bytes), question, bailiwick);
  const shown = (records: readonly ResourceRecord[]): string =>
    records.map((each) => writeRecord(each).toString("hex")).join(" ");
  law(again !== undefined && shown(again.answer) === shown(answer), () => "written again it has another answer");
  law(shown(again!.authority) === shown(authority), () => "written again it has another authority");
}

function writeRecord({ owner, type, class: recordClass, ttl, rdata }: ResourceRecord): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(recordClass, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([owner, head, rdata]);
}

function isName(wire: Uint8Array): boolean {
  let at = 0;
  while (wire[at] !== undefined && wire[at] !== 0 && wire[at]! <= 63) at += 1 + wire[at]!;
  return wire.length <= 255 && at === wire.length - 1 && wire[at] === 0;
}

function textOf(wire: Uint8Array): string {
  return Buffer.from(wire).toString("latin1").toLowerCase();
}
