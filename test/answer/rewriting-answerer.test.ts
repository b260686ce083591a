// Rewritten questions and the names of their answers: rules, as CoreDNS 1.13.1 was seen to apply them to the same zone, and
// what becomes of queries and replies around them.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import type { Answerer, LateAnswerer } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { LateRewritingAnswerer, RewritingAnswerer } from "../../src/answer/rewriting-answerer.ts";
import { reasonTexts } from "../../src/compile/reason-templates.ts";
import { ask, askBytes } from "../support/core/ask.ts";
import type { ProbedKind } from "../support/core/measure-allocation.ts";
import { parsedRules, plainAnswerer, rewritingAnswerer, textRules } from "../support/core/rewriting.ts";
import { readExtendedError } from "../support/extended-error.ts";
import { readMessage, writeHeader, writeQuery, writeQuestion, writeRecord } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const text = ({ rcode, answer, authority }: Message): string[] => [
  rcode,
  ...[...answer, ...(answer.length === 0 ? authority : [])].map(
    ({ owner, type, rdata }) => `${owner} ${type} ${rdata}`,
  ),
];
const SOA = (mname: string, owner = "b.test."): string => `${owner} SOA ${mname} admin.b.test. 1 2 3 4 10`;

describe("as CoreDNS", () => {
  test.each<[rules: string, question: string, ...expected: string[]]>([
    ["name one.example a.b.test", "OnE.example. A", "NOERROR", "OnE.example. A 10.0.0.1"],
    ["name al.example alias.b.test", "al.example. A", "NOERROR", "al.example. CNAME a.b.test.", "a.b.test. A 10.0.0.1"],
    ["name exact x.example a.b.test", "y.example. A", "REFUSED"],
    ["name exact example b.test", "a.example. A", "REFUSED"],
    [
      "name suffix .s.example .b.test answer auto",
      "alias.s.example. A",
      "NOERROR",
      "alias.s.example. CNAME a.s.example.",
      "a.s.example. A 10.0.0.1",
    ],
    ["name suffix .s.example .b.test answer auto", "nope.s.example. A", "NXDOMAIN", SOA("ns.s.example.")],
    ["name suffix .s.example .b.test", "mx.s.example. MX", "NOERROR", "mx.b.test. MX 10 a.b.test."],
    ["name suffix part.example a.b.test answer auto", "xpart.example. A", "NOERROR", "xpart.example. A 10.0.0.4"],
    ["name suffix part.example a.b.test answer auto", "part.example. A", "NOERROR", "part.example. A 10.0.0.1"],
    ["name suffix .glue.example a.b.test", "x.glue.example. A", "NOERROR", "xa.b.test. A 10.0.0.4"],
    ["name suffix part.example .b.test", "part.example. A", "SERVFAIL"],
    ["name suffix part.example .b.test", "xpart.example. A", "NXDOMAIN", SOA("ns.b.test.")],
    ["name prefix pre a answer auto", "pre.b.test. A", "NOERROR", "pre.b.test. A 10.0.0.1"],
    ["name prefix pre- a", "pre-b.test. A", "REFUSED"],
    ["name substring q.q aa.aa", "q.q.b.test. A", "NOERROR", "aa.aa.b.test. A 10.0.0.5"],
    ["name substring .mid. . answer auto", "a.mid.b.test. A", "NOERROR", "a.mid.b.test. A 10.0.0.1"],
    [
      "name regex ^(.*)\\.re\\.example\\.$ {1}.b.test answer auto",
      "alias.re.example. A",
      "NOERROR",
      "alias.re.example. CNAME a.b.test.",
      "a.b.test. A 10.0.0.1",
    ],
    [
      "name regex (.*)\\.n\\.example {1}.b.test answer name (.*)\\.b\\.test {1}.n.example value (.*)\\.b\\.test\\. {1}.v.example",
      "srv.n.example. SRV",
      "NOERROR",
      "srv.n.example. SRV 0 1 80 a.v.example.",
      "srv.n.example. SRV 0 1 81 sub.a.v.example.",
    ],
    [
      "name suffix .n.example .b.test answer value (.*)\\.b\\.test {1}.v.example",
      "nope.n.example. A",
      "NXDOMAIN",
      SOA("ns.v.example."),
    ],
    [
      "name regex xx\\.example a.b.test answer name ^a\\.b a answer name b z",
      "axx.examplez. A",
      "NOERROR",
      "z. A 10.0.0.1",
    ],
    ["name regex ^s.*t\\.example a.b.test", "s\\032t.example. A", "NOERROR", "a.b.test. A 10.0.0.1"],
    ["name regex ^(l+)\\.example {1}{1}{1}{1}{1}.b.test", "llllllllllllllll.example. A", "SERVFAIL"],
    ["name exact empty.example ..b.test", "empty.example. A", "SERVFAIL"],
    [
      "continue name suffix .c1.example .c2.example answer auto; name suffix .c2.example .b.test answer auto",
      "a.c1.example. A",
      "NOERROR",
      "a.c1.example. A 10.0.0.1",
    ],
    ["name one.example a.b.test; name one.example xa.b.test", "one.example. A", "NOERROR", "one.example. A 10.0.0.1"],
    ["name regex one xa.b.test; name one.example a.b.test", "one.example. A", "NOERROR", "xa.b.test. A 10.0.0.4"],
    ["type TXT A", "a.b.test. TXT", "NOERROR", "a.b.test. A 10.0.0.1"],
    ["continue type TXT AAAA; name one.example a.b.test", "one.example. TXT", "NOERROR", "one.example. AAAA fd00::1"],
  ])("%s: %s", (rules, question, ...expected) => {
    const [name = "", type = ""] = question.split(" ");
    for (const opt of [undefined, { size: 1232 }]) {
      const message = ask(rewritingAnswerer(rules.split("; ")), { name, type, ...(opt && { opt }) });
      expect(text(message)).toEqual(expected);
      expect(message.question).toEqual({ name, type, class: 1 });
      expect(message.opt !== undefined).toBe(opt !== undefined);
    }
  });
});

describe("around the rules", () => {
  const answerer = rewritingAnswerer(["name one.example a.b.test", "class CH IN"]);

  test("a class is that of the client in the reply", () => {
    const message = ask(answerer, { name: "a.b.test.", type: "A", class: 3 });
    expect([message.question?.class, message.answer[0]?.rdata]).toEqual([3, "10.0.0.1"]);
  });

  test("the owner is a pointer to the question", () => {
    const reply = askBytes(answerer, writeQuery({ name: "one.example.", type: "A" }))!;
    expect(reply.subarray(29, 31)).toEqual(Buffer.from([0xc0, 12]));
  });

  test.each([
    ["a reply", Buffer.concat([writeHeader(1, 0x8000, 1), writeQuestion("one.example.")])],
    ["another opcode", Buffer.concat([writeHeader(1, 0x2000, 1), writeQuestion("one.example.")])],
    ["no question", writeHeader(1, 0)],
    [
      "records beside the question",
      Buffer.concat([
        writeHeader(1, 0, 1, 0, 0, 1),
        writeQuestion("one.example."),
        writeRecord({ owner: ".", type: "A", rdata: Buffer.from([1, 2, 3, 4]) }),
      ]),
    ],
    ["half a header", Buffer.alloc(5)],
  ])("%s passes unchanged", (_, query) => {
    expect(askBytes(answerer, query)).toEqual(askBytes(plainAnswerer(), query));
  });

  test("options of the OPT stay, and padding fills whole blocks", () => {
    const options = Buffer.from([0, 3, 0, 0, 0, 12, 0, 0]);
    const query = writeQuery({ name: "one.example.", type: "A", opt: { size: 1232, options } });
    const padded = askBytes(
      rewritingAnswerer(["name one.example a.b.test"], { nsid: Buffer.from("me") }),
      query,
      "tls",
    )!;
    expect(padded.length).toBe(468);
    expect(readMessage(padded).opt?.options.map(({ code }) => code)).toEqual([3, 12]);
  });

  test("what does not fit is truncated", () => {
    const name = `${"x".repeat(60)}.${"y".repeat(60)}.example.`;
    const rules = [`name regex ^many ${"m.many".slice(2)}.b.test answer name (.*) ${name}`];
    const whole = ask(rewritingAnswerer(rules), { name: "many.", type: "A" }, "tcp");
    expect([whole.answer.length, whole.flags.tc, whole.answer[39]?.owner]).toEqual([40, false, name]);
    const cut = askBytes(
      rewritingAnswerer(rules),
      writeQuery({ name: "many.", type: "A", opt: { size: 600 } }),
      "udp",
    )!;
    expect(cut.length).toBeLessThanOrEqual(600);
    expect(readMessage(cut)).toMatchObject({ answer: [], flags: { tc: true }, opt: { size: 1232 } });
  });

  test("every size that the client accepts is kept, and has the OPT", () => {
    const rewriting = rewritingAnswerer(["name exact q.example many.b.test answer name b longer.example"]);
    for (let size = 512; size < 1232; size++) {
      const reply = askBytes(rewriting, writeQuery({ name: "q.example.", type: "A", opt: { size } }))!;
      expect(reply.length).toBeLessThanOrEqual(size);
      expect(readMessage(reply).opt?.size).toBe(1232);
    }
  });

  test("the text of an extended error takes what records leave", () => {
    const reasons = { texts: reasonTexts(), toAll: true };
    const name = `${"x".repeat(60)}.${"y".repeat(60)}.${"w".repeat(60)}.${"v".repeat(50)}.example.`;
    const asked = `${"n".repeat(60)}.${"o".repeat(60)}.${"p".repeat(60)}.${"q".repeat(50)}.b.test`;
    const rewriting = rewritingAnswerer([`name exact ${name} ${asked} answer auto`], { reasons });
    const seen = new Set<string | undefined>();
    for (let size = 512; size < 700; size++) {
      const options = Buffer.from([0, 3, 0, 0]);
      const reply = askBytes(rewriting, writeQuery({ name, type: "A", opt: { size, options } }))!;
      expect(reply.length).toBeLessThanOrEqual(size);
      expect(readMessage(reply)).toMatchObject({ rcode: "NXDOMAIN", authority: [{}], flags: { tc: false } });
      seen.add(readExtendedError(reply)?.text);
    }
    expect([...seen]).toEqual(["", `no name ${asked} in the zone b.test`]);
  });

  test("a referral without space for its glue is truncated, an answer loses its additional records", () => {
    const rule = "name suffix .s.example .b.test";
    const long = `${rule} answer name ^(ns|t)(.*)\\.$ ${`${"x".repeat(60)}.`.repeat(2)}{1}{2}`;
    const parts = (rules: string, name: string, type: string): unknown[] => {
      const { answer, authority, additional, flags } = ask(rewritingAnswerer([rules]), { name, type });
      return [answer.length, authority.length, additional.length > 0, flags.tc];
    };
    expect(parts(rule, "x.cut.s.example.", "A")).toEqual([0, 4, true, false]);
    expect(parts(long, "x.cut.s.example.", "A")).toEqual([0, 0, false, true]);
    expect(parts(rule, "srvs.s.example.", "SRV")).toEqual([4, 0, true, false]);
    expect(parts(long, "srvs.s.example.", "SRV")).toEqual([4, 0, false, false]);
  });

  test("a rewritten reply is not authentic data", () => {
    const inner = plainAnswerer();
    const authentic: Answerer = {
      answer: (query, start, end, reply, replyStart, client) => {
        const size = inner.answer(query, start, end, reply, replyStart, client);
        reply[replyStart + 3]! |= 0x20;
        return size;
      },
    };
    const settings = { ednsSize: 1232, rewriteRules: parsedRules(["name q.example a.b.test"]) };
    const rewriting = new RewritingAnswerer(settings, authentic, inner);
    expect(ask(rewriting, { name: "q.example.", type: "A" }).flags.ad).toBe(false);
    expect(ask(rewriting, { name: "a.b.test.", type: "A" }).flags.ad).toBe(true);
  });

  test("what is handed over is rewritten late", async () => {
    const asked: string[] = [];
    const inner: LateAnswerer = {
      answer: () => HAND_OVER,
      answerLate: (query, client) => {
        asked.push(readMessage(Buffer.from(query)).question!.name);
        return Promise.resolve(askBytes(plainAnswerer(), query, client)!);
      },
    };
    const settings = { ednsSize: 1232, rewriteRules: parsedRules(["name one.example a.b.test"]) };
    const late = new LateRewritingAnswerer(settings, inner, plainAnswerer());
    const query = writeQuery({ name: "One.example.", type: "A" });
    expect(late.answer(query, 0, query.length, Buffer.alloc(512), 0, new KnownClient("udp"))).toBe(HAND_OVER);
    const reply = readMessage(Buffer.from(await late.answerLate(query, new KnownClient("udp"))));
    expect(text(reply)).toEqual(["NOERROR", "One.example. A 10.0.0.1"]);
    const other = await late.answerLate(writeQuery({ name: "xa.b.test.", type: "A" }), new KnownClient("udp"));
    expect(text(readMessage(Buffer.from(other)))).toEqual(["NOERROR", "xa.b.test. A 10.0.0.4"]);
    expect(asked).toEqual(["a.b.test.", "xa.b.test."]);
  });
});

describe("laws", () => {
  const names = fc.constantFrom(
    ..."a.b.test. alias.b.test. srv.b.test. naptr.b.test. x.d.b.test. many.b.test.".split(" "),
  );
  const types = fc.constantFrom("A", "AAAA", "SRV", "MX", "NAPTR", "SOA", "ANY", "CNAME");
  const sizes = fc.constantFrom(undefined, { size: 512 }, { size: 1232 });

  test("any rules: a well-formed reply within the client's limit", () => {
    fc.assert(
      fc.property(fc.array(textRules, { maxLength: 5 }), names, types, sizes, (rules, name, type, opt) => {
        const query = writeQuery({ name, type, ...(opt && { opt }) });
        for (const transport of ["udp", "tcp"] as const) {
          const reply = askBytes(rewritingAnswerer(rules), query, transport)!;
          if (transport === "udp") expect(reply.length).toBeLessThanOrEqual(opt?.size ?? 512);
          expect(readMessage(reply)).toMatchObject({ question: { name, type, class: 1 }, opt: opt && { size: 1232 } });
        }
      }),
      { numRuns: 300 },
    );
  });

  test("any bytes: no fault, and nothing is written outside the reply", () => {
    const answerer = rewritingAnswerer(["name suffix . .b.test answer auto", "name regex a b.test"]);
    const query = Buffer.from(writeQuery({ name: "a.b.", type: "A", opt: { size: 1232 } }));
    const change = fc.tuple(fc.nat(query.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(query.length), (changes, size) => {
        const bytes = Buffer.from(query);
        for (const [at, value] of changes) bytes[at] = value;
        askBytes(answerer, bytes.subarray(0, size));
      }),
      { numRuns: 2_000 },
    );
  });

  test("an exact rule changes nothing but the name", () => {
    fc.assert(
      fc.property(names, types, (name, type) => {
        const plain = ask(plainAnswerer(), { name, type }, "tcp");
        const rewritten = ask(rewritingAnswerer([`name q.example ${name}`]), { name: "q.example.", type }, "tcp");
        const renamed = (records: Message["answer"]): string[] =>
          records.map((each) => JSON.stringify(each).replaceAll(`"${name}`, '"q.example.')).toSorted();
        expect(rewritten.rcode).toBe(plain.rcode);
        expect(renamed(rewritten.answer)).toEqual(renamed(plain.answer));
      }),
    );
  });
});

test("no rule for exact names or suffixes costs a byte", { timeout: 100_000 }, async () => {
  const probe = fileURLToPath(new URL("../support/core/rewrite-allocation-probe.ts", import.meta.url));
  const args = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", probe];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 90_000 });
  const kinds = JSON.parse(stdout) as ProbedKind[];
  expect(kinds.filter(({ collections, bytesPerQuery }) => collections > 0 || !(bytesPerQuery < 1))).toEqual([]);
  expect(kinds.map(({ what, rcode, replySize }) => [what, rcode, replySize > 30])).toEqual([
    ["no rule", 0, true],
    ["an exact name", 0, true],
    ["a suffix, SRV", 0, true],
    ["a suffix, NXDOMAIN", 3, true],
    ["a type", 0, true],
    ["truncated", 0, true],
  ]);
});
