import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { CHAIN_LENGTH_MAX, scrubReply } from "../../src/forward/scrub-reply.ts";
import type { ResourceRecord } from "../../src/dns/resource-record.ts";
import type { ScrubbedReply } from "../../src/forward/scrub-reply.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import type { UpstreamQuestion } from "../../src/forward/upstream-query.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedRecord, ScriptedReply } from "../support/scripted-upstream.ts";
import { formatType, parseType } from "../support/wire.ts";

const QUESTION = { name: name("www.up.test."), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };

const a = (owner: string, text = "192.0.2.1", ttl = 60): ScriptedRecord => ({
  owner,
  type: "A",
  ttl,
  rdata: address(text),
});
const link = (owner: string, target: string, type = "CNAME"): ScriptedRecord => ({ owner, type, rdata: name(target) });
const soaOf = (owner: string): ScriptedRecord => ({ owner, type: "SOA", rdata: soa() });
const nsec = (owner: string): ScriptedRecord => ({
  owner,
  type: "NSEC",
  rdata: Buffer.concat([name("z."), Buffer.of(0, 1, 64)]),
});
const signature = (owner: string, covered: string, signer: string): ScriptedRecord => {
  const fixed = Buffer.alloc(18);
  fixed.writeUInt16BE(parseType(covered));
  return { owner, type: "RRSIG", rdata: Buffer.concat([fixed, name(signer), Buffer.alloc(8, 5)]) };
};

/** `www.up.test. A`, and for signatures what they cover. */
const format = ({ owner, type, rdata }: ResourceRecord): string => {
  const covered = type === 46 ? ` ${formatType((rdata[0]! << 8) | rdata[1]!)}` : "";
  return `${formatName(owner)} ${formatType(type)}${covered}`;
};

function scrub(
  reply: ScriptedReply,
  question: Partial<UpstreamQuestion> = {},
  bailiwick?: string,
): ScrubbedReply | undefined {
  const asked = { ...QUESTION, ...question };
  const message = writeReply(writeUpstreamQuery(asked), reply);
  return scrubReply(message, asked, bailiwick === undefined ? undefined : name(bailiwick));
}

function answerOf(...args: Parameters<typeof scrub>): string[] | undefined {
  return scrub(...args)?.answer.map(format);
}

const authorityOf = (...args: Parameters<typeof scrub>): string[] | undefined => scrub(...args)?.authority.map(format);

describe("the answer", () => {
  test("F11 nothing but the chain and the set at its end", () => {
    const reply = {
      answer: [
        a("www.bank.test.", "203.0.113.1"),
        link("www.up.test.", "b.up.test."),
        a("b.up.test."),
        link("c.up.test.", "d.up.test."),
        a("b.up.test.", "192.0.2.2"),
        { owner: "b.up.test.", type: "TXT", rdata: Buffer.of(1, 97) },
        { ...a("b.up.test.", "203.0.113.2"), class: 3 },
      ],
      authority: [link("bank.test.", "ns.evil.test.", "NS"), link("up.test.", "ns.up.test.", "NS")],
      additional: [a("ns.evil.test.", "203.0.113.3")],
    };
    expect(scrub(reply)).toMatchObject({ rcode: 0, authority: [], lastName: name("b.up.test.") });
    expect(answerOf(reply)).toEqual(["www.up.test. CNAME", "b.up.test. A", "b.up.test. A"]);
  });

  test("records out of order, and in other letter cases: the question's is given back", () => {
    const reply = { answer: [a("B.up.test."), link("WWW.up.TEST.", "b.UP.test.")] };
    expect(answerOf(reply)).toEqual(["www.up.test. CNAME", "b.UP.test. A"]);
  });

  test("CNAME when that is the question, and ANY, end the chain", () => {
    const answer = [link("www.up.test.", "b.up.test."), a("b.up.test.")];
    expect(answerOf({ answer }, { type: 5 })).toEqual(["www.up.test. CNAME"]);
    expect(answerOf({ answer: [...answer, a("www.up.test.")] }, { type: 255 })).toEqual([
      "www.up.test. CNAME",
      "www.up.test. A",
    ]);
  });

  test("records that say something about a message are none of a name, also to ANY", () => {
    const meta = ["OPT", "TYPE250", "TYPE128"].map((type) => ({ owner: "www.up.test.", type, rdata: Buffer.alloc(0) }));
    expect(answerOf({ answer: [...meta, a("www.up.test.")] }, { type: 255 })).toEqual(["www.up.test. A"]);
    expect(answerOf({ answer: meta }, { type: 255 })).toEqual([]);
  });

  test("F11 a bailiwick: what lies outside is not said, nor that it does not exist", () => {
    const reply = { answer: [link("www.up.test.", "www.bank.test."), a("www.bank.test.")] };
    expect(answerOf(reply)).toEqual(["www.up.test. CNAME", "www.bank.test. A"]);
    expect(answerOf(reply, {}, "up.test.")).toEqual(["www.up.test. CNAME"]);
    const missing = { rcode: 3, answer: [link("www.up.test.", "www.bank.test.")], authority: [soaOf("bank.test.")] };
    expect(scrub(missing)).toMatchObject({ rcode: 3, authority: [{}] });
    expect(scrub(missing, {}, "up.test.")).toMatchObject({ rcode: 0, authority: [], lastName: name("www.bank.test.") });
  });

  test("DNAME: its CNAME with it, made where it is missing, left out where it is another's", () => {
    const dname = link("up.test.", "down.test.", "TYPE39");
    const made = ["up.test. TYPE39", "www.up.test. CNAME", "www.down.test. A"];
    const end = a("www.down.test.");
    expect(answerOf({ answer: [dname, link("www.up.test.", "www.down.test."), end] })).toEqual(made);
    expect(answerOf({ answer: [dname, end] })).toEqual(made);
    const other = { answer: [dname, link("www.up.test.", "b.down.test."), a("b.down.test.")] };
    expect(answerOf(other)).toEqual(["www.up.test. CNAME", "b.down.test. A"]);
    // The owner of a DNAME is not renamed itself.
    expect(answerOf({ answer: [dname] }, { name: name("up.test.") })).toEqual([]);
  });

  test.each([
    [CHAIN_LENGTH_MAX, CHAIN_LENGTH_MAX + 1],
    [CHAIN_LENGTH_MAX + 1, undefined],
    [100, undefined],
  ])("F29 a chain of %i", (length, records) => {
    const owner = (i: number): string => (i === 0 ? "www.up.test." : `n${i}.up.test.`);
    const links = Array.from({ length }, (_, i) => link(owner(i), owner(i + 1)));
    expect(answerOf({ answer: [...links, a(owner(length))] })?.length).toBe(records);
  });

  test("a chain in a circle is no answer", () => {
    expect(scrub({ answer: [link("www.up.test.", "b.up.test."), link("b.up.test.", "WWW.up.test.")] })).toBeUndefined();
  });

  test.each([
    [0, 0],
    [1, 1],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 0],
    [2 ** 32 - 1, 0],
  ])("F15 a TTL of %i", (ttl, kept) => {
    expect(scrub({ answer: [a("www.up.test.", "192.0.2.1", ttl)] })?.answer[0]?.ttl).toBe(kept);
  });

  test("F30 names are written out where they may be compressed, the rest is kept byte by byte", () => {
    const query = writeUpstreamQuery({ ...QUESTION, type: 15 });
    const reply = writeReply(query, { answer: [{ owner: ".", type: "MX", rdata: Buffer.of(0, 5, 0xc0, 12) }] });
    // The owner `.` becomes a pointer to the question.
    const at = query.length - 11;
    const pointed = Buffer.concat([reply.subarray(0, at), Buffer.of(0xc0, 12), reply.subarray(at + 1)]);
    const [record] = scrubReply(pointed, { ...QUESTION, type: 15 })!.answer;
    expect(record).toMatchObject({ owner: QUESTION.name, rdata: Uint8Array.of(0, 5, ...QUESTION.name) });
    const odd = { owner: "www.up.test.", type: "TYPE65280", rdata: Buffer.of(0xc0, 0xff, 0) };
    expect(scrub({ answer: [odd] }, { type: 65_280 })?.answer[0]?.rdata).toEqual(Uint8Array.of(0xc0, 0xff, 0));
  });
});

describe("the header", () => {
  test("F23 AD is passed on", () => {
    expect(scrub({ flags: 0x81a0 })?.authenticated).toBe(true);
    expect(scrub({ flags: 0x8580 })?.authenticated).toBe(false);
  });

  test("response codes, with the upper bits of EDNS", () => {
    expect([0, 2, 3, 23].map((rcode) => scrub({ rcode })?.rcode)).toEqual([0, 2, 3, 23]);
    expect(scrub({ rcode: 5, headerOnly: true })?.rcode).toBe(5);
    expect(scrub({ rcode: 0, headerOnly: true })).toBeUndefined();
  });
});

describe("the authority", () => {
  test("the SOA of a zone that the last name is in, where there is no answer", () => {
    const authority = [soaOf("bank.test."), link("up.test.", "ns.up.test.", "NS"), soaOf("up.test.")];
    expect(authorityOf({ rcode: 3, authority })).toEqual(["up.test. SOA"]);
    expect(authorityOf({ authority })).toEqual(["up.test. SOA"]);
    expect(authorityOf({ answer: [a("www.up.test.")], authority })).toEqual([]);
    const chain = [link("www.up.test.", "x.bank.test.")];
    expect(authorityOf({ rcode: 3, answer: chain, authority })).toEqual(["bank.test. SOA"]);
  });

  test("signatures and proofs for DO alone", () => {
    const answer = [
      a("www.up.test."),
      signature("www.up.test.", "A", "up.test."),
      signature("www.up.test.", "TXT", "up.test."),
    ];
    expect(answerOf({ answer })).toEqual(["www.up.test. A"]);
    expect(answerOf({ answer }, { dnssecOk: true })).toEqual(["www.up.test. A", "www.up.test. RRSIG A"]);
    const authority = [
      soaOf("up.test."),
      signature("up.test.", "SOA", "up.test."),
      nsec("a.up.test."),
      signature("a.up.test.", "NSEC", "up.test."),
      nsec("unsigned.up.test."),
      nsec("a.bank.test."),
      signature("a.bank.test.", "NSEC", "bank.test."),
      nsec("b.bank.test."),
      signature("b.bank.test.", "NSEC", "up.test."),
      signature("a.up.test.", "NS", "up.test."),
    ];
    expect(authorityOf({ rcode: 3, authority })).toEqual(["up.test. SOA"]);
    expect(authorityOf({ rcode: 3, authority }, { dnssecOk: true })).toEqual([
      "up.test. SOA",
      "a.up.test. NSEC",
      "up.test. RRSIG SOA",
      "a.up.test. RRSIG NSEC",
    ]);
    // An answer from a wildcard comes with the proof that nothing is nearer.
    expect(authorityOf({ answer, authority }, { dnssecOk: true })).toEqual([
      "a.up.test. NSEC",
      "a.up.test. RRSIG NSEC",
    ]);
  });

  test("a CNAME's signature stays with it", () => {
    const answer = [
      link("www.up.test.", "b.up.test."),
      a("b.up.test."),
      signature("www.up.test.", "CNAME", "up.test."),
    ];
    expect(answerOf({ answer }, { dnssecOk: true })).toEqual([
      "www.up.test. CNAME",
      "www.up.test. RRSIG CNAME",
      "b.up.test. A",
    ]);
  });
});

describe("hostile bytes", () => {
  const query = writeUpstreamQuery({ ...QUESTION, dnssecOk: true });
  const question = { ...QUESTION, dnssecOk: true };
  const reply = writeReply(query, {
    answer: [link("www.up.test.", "b.up.test."), a("b.up.test."), signature("b.up.test.", "A", "up.test.")],
    authority: [soaOf("up.test."), nsec("a.up.test."), signature("a.up.test.", "NSEC", "up.test.")],
  });

  test("another question is no answer", () => {
    expect(scrubReply(reply, { ...question, name: name("up.test.") })).toBeUndefined();
    expect(scrubReply(reply, { ...question, type: 28 })).toBeUndefined();
    expect(scrubReply(reply, { ...question, class: 3 })).toBeUndefined();
    expect(scrubReply(reply, question)).toBeDefined();
  });

  test("cut or changed anywhere: in bounds, and never a record of another name", () => {
    const changes = fc.array(fc.tuple(fc.nat(reply.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.nat(reply.length), (places, size) => {
        const changed = Uint8Array.from(reply.subarray(0, size % 2 === 0 ? size : reply.length));
        for (const [at, byte] of places) if (at < changed.length) changed[at] = byte;
        const scrubbed = scrubReply(changed, question);
        for (const { owner } of scrubbed?.answer.slice(0, 1) ?? []) {
          expect([".", "test.", "up.test.", "www.up.test."]).toContain(formatName(owner));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["records that nobody asked for", 16, 0],
    ["F29 one set", 1, 4_000],
    // The question has DO, and signatures over type 0 are none of what it wants.
    ["signatures", 46, 0],
  ])("64 KiB of %s take no longer than a quarter of a second", (_, type, kept) => {
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4]);
    const records = Array<Buffer>(4_000).fill(record);
    const message = Buffer.concat([reply.subarray(0, query.length - 11), ...records]);
    [1, records.length, 0, 0].forEach((count, i) => message.writeUInt16BE(count, 4 + i * 2));
    const start = performance.now();
    expect(scrubReply(message, question)?.answer.length).toBe(kept);
    expect(performance.now() - start).toBeLessThan(250);
  });
});
