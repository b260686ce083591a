// Forwarding over the network, by both ways of taking datagrams: one upstream that does about each name what a test
// wants, right or wrong. RFC 5452 (what is believed), RFC 2308, RFC 2181, RFC 6891, RFC 7873, RFC 9520.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "../support/cluster.ts";
import { edeOf, gist, questionOf, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { askTcp } from "../support/network.ts";
import { address, name, rightAnswer, soa, writeReply } from "../support/scripted-upstream.ts";
import type { Asked, ScriptedRecord, ScriptedReply, Script } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const RIGHT = ["NOERROR", "A 192.0.2.1"];
const WRONG = address("203.0.113.66");
const SOA: ScriptedRecord = { owner: "up.example.", type: "SOA", rdata: soa() };

const a = (owner: string, ttl = 60, rdata = address("192.0.2.1")): ScriptedRecord => ({ owner, type: "A", ttl, rdata });
const cname = (owner: string, target: string, ttl = 60): ScriptedRecord => ({
  owner,
  type: "CNAME",
  ttl,
  rdata: name(target),
});
const ownerOf = ({ query }: Asked): string => questionOf(query).split(" ")[0]!;
/** Sends a wrong message first, then the right one. */
const firstWrong =
  (wrong: (asked: Asked) => { bytes: Uint8Array; fromOtherPort?: boolean }): Script =>
  (asked) => [wrong(asked), { bytes: rightAnswer(asked.query), afterMs: 20 }];
const forged = (asked: Asked, reply: ScriptedReply = {}): Buffer =>
  writeReply(asked.query, { answer: [a(ownerOf(asked), 60, WRONG)], ...reply });
const saying =
  (reply: ScriptedReply): Script =>
  ({ query }) => [{ bytes: writeReply(query, reply) }];

const externalName = (own: string, target: string): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: own, namespace: "default" },
  spec: { type: "ExternalName", externalName: target },
});
const WEB = "web.default.svc.cluster.local.";

describe.each(["dgram", "batch"] as const)("udp-transport %s", (udpTransport) => {
  let running: Forwarding;
  beforeAll(async () => {
    running = await startForwarding({
      udpTransport,
      udpWorkers: udpTransport === "batch" ? 1 : undefined!,
      objects: [
        service("web", "10.96.0.1"),
        externalName("ext", "www.up.example"),
        externalName("gone", "gone.up.example"),
        externalName("back", "in.up.example"),
      ],
    });
  });
  afterAll(() => running?.close());

  /** Asks twice, so that the second answer is out of the cache where there is one. */
  async function askTwice(asked: string, type = "A"): Promise<readonly (readonly string[])[]> {
    const { client } = running;
    return [gist(await client.ask(asked, type)), gist(await client.ask(asked, type))];
  }

  const timesAsked = (asked: string): number => running.upstream.askedFor(asked).length;

  test("F01 a name of others: RA, no AA; the second time nobody is asked", async () => {
    for (let i = 0; i < 3; i++) {
      const message = await running.client.ask("f01.up.example.");
      expect(gist(message)).toEqual(RIGHT);
      expect(message.flags).toMatchObject({ aa: false, ra: true, rd: true, tc: false, ad: false });
    }
    expect(timesAsked("f01.up.example.")).toBe(1);
  });

  test("F02 without RD nobody is asked, and nothing of the cache is told", async () => {
    await running.client.ask("f02.up.example.");
    for (const asked of ["f02.up.example.", "f02-cold.up.example."]) {
      const message = await running.client.ask(asked, "A", { flags: 0 });
      expect([gist(message), edeOf(message)]).toEqual([["REFUSED"], 20]);
    }
    expect(timesAsked("f02-cold.up.example.")).toBe(0);
    const own = await running.client.ask(WEB, "A", { flags: 0 });
    expect(gist(own)).toEqual(["NOERROR", "A 10.96.0.1"]);
  });

  test("F03 ids and ports can't be guessed", async () => {
    const count = 600;
    for (let i = 0; i < count; i += 100)
      await Promise.all(Array.from({ length: 100 }, (_, n) => running.client.ask(`f03-${i + n}.up.example.`)));
    const asked = running.upstream.asked.filter((each) => ownerOf(each).startsWith("f03-"));
    expect(asked).toHaveLength(count);
    const ids = asked.map(({ query }) => query.readUInt16BE(0));
    const ports = asked.map(({ port }) => port);
    // Ports are the system's, which has 28,000 of them or more.
    expect(new Set(asked.map(({ query, port }) => `${query.readUInt16BE(0)} ${port}`)).size).toBe(count);
    expect(Math.max(...ports) - Math.min(...ports)).toBeGreaterThan(16_000);
    expect(Math.max(...ids) - Math.min(...ids)).toBeGreaterThan(60_000);
    // Of 16 equal ranges each has its share: chi-square with 15 degrees of freedom, once in a million.
    const ranges = Array.from({ length: 16 }, (_, range) => ids.filter((id) => id >> 12 === range).length);
    expect(ranges.reduce((sum, each) => sum + (each - count / 16) ** 2 / (count / 16), 0)).toBeLessThan(56);
  });

  test.each<[what: string, label: string, script: Script]>([
    [
      "F04 another id",
      "f04",
      firstWrong((asked) => ({ bytes: forged(asked, { id: asked.query.readUInt16BE(0) ^ 1 }) })),
    ],
    ["F05 another port", "f05", firstWrong((asked) => ({ bytes: forged(asked), fromOtherPort: true }))],
    [
      "F06 another name",
      "f06n",
      firstWrong((asked) => ({ bytes: forged(asked, { question: { name: "other.up.example.", type: "A" } }) })),
    ],
    [
      "F06 another type",
      "f06t",
      firstWrong((asked) => ({ bytes: forged(asked, { question: { name: ownerOf(asked), type: "AAAA" } }) })),
    ],
    [
      "F06 another class",
      "f06c",
      firstWrong((asked) => ({ bytes: forged(asked, { question: { name: ownerOf(asked), type: "A", class: 3 } }) })),
    ],
    ["F07 QR 0", "f07q", firstWrong((asked) => ({ bytes: forged(asked, { flags: 0x0180 }) }))],
    ["F07 another opcode", "f07o", firstWrong((asked) => ({ bytes: forged(asked, { flags: 0xa180 }) }))],
    ["F09 garbage", "f09", firstWrong(() => ({ bytes: Buffer.from("not a message, whatever it is") }))],
    ["F09 nothing", "f09e", firstWrong(() => ({ bytes: Buffer.alloc(0) }))],
  ])("%s is ignored, and the right reply is used", async (_what, label, script) => {
    const asked = `${label}.up.example.`;
    running.upstream.say(asked, script);
    expect(await askTwice(asked)).toEqual([RIGHT, RIGHT]);
    expect(timesAsked(asked)).toBe(1);
  });

  test("F08 NOERROR without anything is passed on, and not kept", async () => {
    running.upstream.say("f08.up.example.", saying({}));
    expect(await askTwice("f08.up.example.")).toEqual([["NOERROR"], ["NOERROR"]]);
    expect(timesAsked("f08.up.example.")).toBe(2);
  });

  test("F10 a cut reply is asked for again over TCP, and never kept as it is", async () => {
    const many = Array.from({ length: 40 }, (_, i) => a("f10.up.example.", 60, Uint8Array.of(10, 0, 0, i)));
    running.upstream.say("f10.up.example.", ({ transport, query }) => [
      {
        bytes: writeReply(query, transport === "udp" ? { flags: 0x8380, answer: many.slice(0, 2) } : { answer: many }),
      },
    ]);
    const first = await running.client.ask("f10.up.example.");
    expect([first.answer.length, first.flags.tc]).toEqual([40, false]);
    expect((await running.client.ask("f10.up.example.")).answer).toHaveLength(40);
    expect(running.upstream.askedFor("f10.up.example.").map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
  });

  test("F11 what does not answer the question is stripped, and asked for when it is wanted", async () => {
    running.upstream.say(
      "f11.up.example.",
      saying({
        answer: [
          cname("f11.up.example.", "f11-b.up.example."),
          a("f11-b.up.example."),
          a("f11-evil.up.example.", 60, WRONG),
        ],
        authority: [{ owner: "up.example.", type: "NS", rdata: name("ns.evil.example.") }],
        additional: [a("ns.evil.example.", 60, WRONG), a("f11-evil.up.example.", 60, WRONG)],
      }),
    );
    for (let i = 0; i < 2; i++) {
      const message = await running.client.ask("f11.up.example.");
      expect(gist(message)).toEqual(["NOERROR", "CNAME f11-b.up.example.", "A 192.0.2.1"]);
      expect([message.authority, message.additional]).toEqual([[], []]);
    }
    for (const asked of ["f11-evil.up.example.", "f11-b.up.example.", "ns.evil.example."]) {
      expect(gist(await running.client.ask(asked))).toEqual(RIGHT);
      expect(timesAsked(asked)).toBe(1);
    }
  });

  test("F11 what others say of our names is not believed", async () => {
    running.upstream.say("in.up.example.", saying({ answer: [cname("in.up.example.", WEB), a(WEB, 60, WRONG)] }));
    expect(await askTwice("in.up.example.")).toEqual([
      ["NOERROR", `CNAME ${WEB}`, "A 10.96.0.1"],
      ["NOERROR", `CNAME ${WEB}`, "A 10.96.0.1"],
    ]);
    expect(gist(await running.client.ask("back.default.svc.cluster.local."))).toEqual([
      "NOERROR",
      "CNAME in.up.example.",
      `CNAME ${WEB}`,
      "A 10.96.0.1",
    ]);
  });

  test("F13 BADCOOKIE: over TCP, where none is needed", async () => {
    running.upstream.say("f13.up.example.", ({ transport, query }) => [
      { bytes: transport === "udp" ? writeReply(query, { rcode: 23 }) : rightAnswer(query) },
    ]);
    expect(gist(await running.client.ask("f13.up.example."))).toEqual(RIGHT);
  });

  test.each<[ttl: number, told: number, kept: boolean]>([
    [0, 0, false],
    [1, 1, true],
    [2 ** 31 - 1, 2 ** 31 - 1, true],
    [2 ** 31, 0, false],
    [2 ** 32 - 1, 0, false],
  ])("F15 TTL %i is told as %i; kept: %s", async (ttl, told, kept) => {
    const asked = `f15-${ttl}.up.example.`;
    running.upstream.say(asked, saying({ answer: [a(asked, ttl)] }));
    expect((await running.client.ask(asked)).answer[0]?.ttl).toBe(told);
    expect((await running.client.ask(asked)).answer).toHaveLength(1);
    expect(timesAsked(asked)).toBe(kept ? 1 : 2);
  });

  test("F15 a huge MINIMUM is told, and kept, as 300 seconds", async () => {
    const huge = { ...SOA, ttl: 2 ** 31 - 1, rdata: soa(2 ** 32 - 1) };
    running.upstream.say("f15.up.example.", saying({ rcode: 3, authority: [huge] }));
    const messages = [await running.client.ask("f15.up.example."), await running.client.ask("f15.up.example.")];
    expect(messages.map(({ rcode, authority }) => [rcode, authority[0]!.ttl])).toEqual([
      ["NXDOMAIN", 300],
      ["NXDOMAIN", 300],
    ]);
    expect(timesAsked("f15.up.example.")).toBe(1);
  });

  test("F16 NXDOMAIN without a SOA is passed on, and not kept", async () => {
    running.upstream.say("f16.up.example.", saying({ rcode: 3 }));
    expect(await askTwice("f16.up.example.")).toEqual([["NXDOMAIN"], ["NXDOMAIN"]]);
    expect(timesAsked("f16.up.example.")).toBe(2);
  });

  test("F17 a name that fails is asked for once a second at most", async () => {
    running.upstream.say("f17.up.example.", saying({ rcode: 2 }));
    const startedAt = performance.now();
    for (let i = 0; i < 100; i++) expect((await running.client.ask("f17.up.example.")).rcode).toBe("SERVFAIL");
    const seconds = Math.ceil((performance.now() - startedAt) / 1000);
    expect(timesAsked("f17.up.example.")).toBeLessThanOrEqual(seconds);
  });

  test("F18 a thousand equal questions at once: one is asked, a thousand are answered", async () => {
    running.upstream.say("f18.up.example.", ({ query }) => [{ bytes: rightAnswer(query), afterMs: 300 }]);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => running.client.ask("f18.up.example.")));
    expect(answers.every(({ answer }) => answer[0]?.rdata === "192.0.2.1")).toBe(true);
    expect(timesAsked("f18.up.example.")).toBe(1);
  });

  test("F19 letter case is one name; DO, CD and type are answers apart; another class is refused", async () => {
    const asks = [{}, { opt: { size: 1232, flags: 0x8000 } }, { flags: 0x0110 }];
    running.upstream.say("f19.up.example.", ({ query }) => [
      { bytes: questionOf(query).endsWith(" A") ? rightAnswer(query) : writeReply(query, { authority: [SOA] }) },
    ]);
    for (let round = 0; round < 2; round++) {
      for (const more of asks) expect(gist(await running.client.ask("f19.up.example.", "A", more))).toEqual(RIGHT);
      await running.client.ask("F19.UP.example.", "A");
      await running.client.ask("f19.up.example.", "AAAA");
    }
    expect(timesAsked("f19.up.example.")).toBe(4);
    const other = await running.client.askPlain({ name: "f19.up.example.", type: "A", class: 3 });
    expect(other.rcode).toBe("REFUSED");
  });

  test("F23 AD of the upstream is told to who asks for it, and to nobody else", async () => {
    running.upstream.say("f23.up.example.", saying({ flags: 0x81a0, answer: [a("f23.up.example.")] }));
    const asks = [{}, { flags: 0x0120 }, { opt: { size: 1232, flags: 0x8000 } }, {}, { flags: 0x0120 }];
    const told: boolean[] = [];
    for (const more of asks) told.push((await running.client.ask("f23.up.example.", "A", more)).flags.ad);
    expect(told).toEqual([false, true, true, false, true]);
  });

  test("F28 an answer of 60 kB: cut over UDP, whole over TCP, now and out of the cache", async () => {
    const many = Array.from({ length: 3_700 }, (_, i) =>
      a("f28.up.example.", 60, Uint8Array.of(10, 1, i >> 8, i & 255)),
    );
    const packed = (query: Buffer): Buffer => {
      const whole = writeReply(query, { answer: many });
      const size = name("f28.up.example.").length;
      const records = many.map(({ rdata }) => Buffer.concat([Buffer.from("c00c000100010000003c0004", "hex"), rdata]));
      const questionEnd = 12 + size + 4;
      const opt = whole.subarray(whole.length - 11);
      return Buffer.concat([whole.subarray(0, questionEnd), ...records, opt]);
    };
    running.upstream.say("f28.up.example.", ({ transport, query }) => [
      { bytes: transport === "udp" ? writeReply(query, { flags: 0x8380 }) : packed(query) },
    ]);
    for (let i = 0; i < 2; i++) {
      const cut = await running.client.ask("f28.up.example.");
      expect([cut.flags.tc, cut.answer.length > 50]).toEqual([true, true]);
      const whole = readMessage(await askTcp(running.endpoint, writeQuery({ name: "f28.up.example.", type: "A" })));
      expect([whole.flags.tc, new Set(whole.answer.map(({ rdata }) => rdata)).size]).toEqual([false, 3_700]);
    }
    expect(timesAsked("f28.up.example.")).toBe(2);
  });

  test("F29 a chain of 100 is no answer", async () => {
    const chain = Array.from({ length: 100 }, (_, i) =>
      cname(i === 0 ? "f29.up.example." : `f29-${i}.up.example.`, `f29-${i + 1}.up.example.`),
    );
    running.upstream.say("f29.up.example.", saying({ answer: [...chain, a("f29-100.up.example.")] }));
    expect(gist(await running.client.ask("f29.up.example."))).toEqual(["SERVFAIL"]);
    running.upstream.say(
      "f29-short.up.example.",
      saying({
        answer: [cname("f29-short.up.example.", "f29-91.up.example."), ...chain.slice(91), a("f29-100.up.example.")],
      }),
    );
    expect(gist(await running.client.ask("f29-short.up.example."))).toHaveLength(12);
  });

  test.each<[type: string, rdata: Buffer]>([
    ["TYPE65280", Buffer.from("00c00cff01", "hex")],
    ["TYPE65280", Buffer.alloc(0)],
    ["HTTPS", Buffer.from("000100fffe0003c00c00", "hex")],
    ["SVCB", Buffer.from("0001000000", "hex")],
    ["TXT", Buffer.from([5, 0, 255, 192, 12, 0x5c])],
    ["DS", Buffer.from("0001080200", "hex")],
    ["CAA", Buffer.from([0, 1, 0x41, 0xff])],
  ])("F30 %s goes through byte by byte", async (type, rdata) => {
    const asked = `f30-${type}-${rdata.length}.up.example.`.toLowerCase();
    running.upstream.say(asked, saying({ answer: [{ owner: asked, type, rdata }] }));
    for (let i = 0; i < 2; i++) {
      const query = writeQuery({ name: asked, type, opt: { size: 1232 } });
      const reply = await askTcp(running.endpoint, query);
      const end = query.length - 11;
      expect(reply.subarray(end + 12, end + 12 + rdata.length).toString("hex")).toBe(rdata.toString("hex"));
      expect(reply.readUInt16BE(end + 10)).toBe(rdata.length);
    }
    expect(timesAsked(asked)).toBe(1);
  });

  test("E18 an ExternalName: the CNAME, and what others have of the type; the CNAME alone for CNAME", async () => {
    const ext = "ext.default.svc.cluster.local.";
    const mx = Buffer.concat([Buffer.from([0, 10]), name("mail.up.example.")]);
    const v6 = Buffer.from("20010db8000000000000000000000001", "hex");
    running.upstream.say("www.up.example.", ({ query }) => {
      const type = questionOf(query).split(" ")[1]!;
      const answer = {
        A: a("www.up.example."),
        AAAA: { ...a("www.up.example."), type, rdata: v6 },
        MX: { ...a("www.up.example."), type, rdata: mx },
      }[type];
      return [{ bytes: writeReply(query, answer === undefined ? { authority: [SOA] } : { answer: [answer] }) }];
    });
    for (const [type, end] of [
      ["A", ["A 192.0.2.1"]],
      ["AAAA", ["AAAA 2001:db8::1"]],
      ["MX", ["MX 10 mail.up.example."]],
      ["CNAME", []],
      ["TXT", []],
    ] as const) {
      const message = await running.client.ask(ext, type);
      expect([type, ...gist(message)]).toEqual([type, "NOERROR", "CNAME www.up.example.", ...end]);
      expect(message.flags.aa).toBe(true);
      if (type === "TXT") expect(message.authority[0]?.type).toBe("SOA");
    }
    expect(new Set(running.upstream.askedFor("www.up.example.").map(({ query }) => questionOf(query)))).toEqual(
      new Set(["A", "AAAA", "MX", "TXT"].map((type) => `www.up.example. ${type}`)),
    );
    const unasked = await running.client.ask(ext, "A", { flags: 0 });
    expect(gist(unasked)).toEqual(["NOERROR", "CNAME www.up.example."]);
  });

  test("E20 an ExternalName that leads to nothing: CNAME, NXDOMAIN, the upstream's SOA", async () => {
    running.upstream.say("gone.up.example.", saying({ rcode: 3, authority: [SOA] }));
    const message = await running.client.ask("gone.default.svc.cluster.local.");
    expect(gist(message)).toEqual(["NXDOMAIN", "CNAME gone.up.example."]);
    expect(message.authority).toMatchObject([{ owner: "up.example.", type: "SOA" }]);
  });

  test("E29 what a search list makes of a name never leaves this server", async () => {
    const before = running.upstream.scripted.taken.length;
    for (const suffix of ["default.svc.cluster.local.", "svc.cluster.local.", "cluster.local."]) {
      for (const type of ["A", "AAAA"]) {
        const message = await running.client.ask(`www.google.com.${suffix}`, type);
        expect([message.rcode, message.flags.aa, message.authority[0]?.owner]).toEqual([
          "NXDOMAIN",
          true,
          "cluster.local.",
        ]);
      }
    }
    expect(running.upstream.scripted.taken).toHaveLength(before);
  });

  test.each<[name: string, types: readonly string[], lines: readonly string[]]>([
    ["localhost.", ["A"], ["NOERROR", "A 127.0.0.1"]],
    ["localhost.", ["AAAA"], ["NOERROR", "AAAA ::1"]],
    ["a.localhost.", ["A"], ["NOERROR", "A 127.0.0.1"]],
    ["invalid.", ["A", "AAAA"], ["NXDOMAIN"]],
    ["x.invalid.", ["A"], ["NXDOMAIN"]],
    ["x.local.", ["A"], ["NXDOMAIN"]],
    ["x.onion.", ["A"], ["NXDOMAIN"]],
    ["x.alt.", ["A"], ["NXDOMAIN"]],
    ["x.home.arpa.", ["A"], ["NXDOMAIN"]],
    ["x.test.internal.invalid.", ["A"], ["NXDOMAIN"]],
    ["9.1.168.192.in-addr.arpa.", ["PTR"], ["NXDOMAIN"]],
    ["9.1.1.10.in-addr.arpa.", ["PTR"], ["NXDOMAIN"]],
    ["9.1.16.172.in-addr.arpa.", ["PTR"], ["NXDOMAIN"]],
    ["9.1.254.169.in-addr.arpa.", ["PTR"], ["NXDOMAIN"]],
    ["_dns.resolver.arpa.", ["SVCB"], ["NXDOMAIN"]],
  ])("F25 %s %s stays here", async (asked, types, lines) => {
    const before = running.upstream.scripted.taken.length;
    for (const type of types) expect(gist(await running.client.ask(asked, type)).slice(0, 2)).toEqual(lines);
    expect(running.upstream.scripted.taken).toHaveLength(before);
  });
});
