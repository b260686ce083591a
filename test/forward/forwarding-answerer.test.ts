// Replies to queries that the fast path hands over: chains out of local zones, what a client's query says beside its
// question, and what changes while it waits. Upstreams in memory.
import { describe, expect, test, vi } from "vitest";
import type { AnswerSettings } from "../../src/answer/answer-settings.ts";
import { CAUSE, newAnswerNote } from "../../src/answer/answer-note.ts";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { reasonTexts } from "../../src/compile/reason-templates.ts";
import { Autopath } from "../../src/forward/autopath.ts";
import { ForwardRoutes } from "../../src/forward/forward-routes.ts";
import { ForwardingAnswerer, localZones, resolveAnywhere, WAITING_MAX } from "../../src/forward/forwarding-answerer.ts";
import { OUTSTANDING_MAX, Resolver, SLOW_OUTSTANDING_MAX } from "../../src/forward/resolver.ts";
import { ASK_BUDGET_MS } from "../../src/forward/upstream-group.ts";
import { formatReason } from "../../src/reasons/reason.ts";
import { content, contentLines, key, messageLines, newCache, record } from "../support/core/cached.ts";
import { newTable, records, wire } from "../support/core/table.ts";
import { fakeGroup } from "../support/fake-group.ts";
import type { Saying } from "../support/fake-group.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedRecord, ScriptedReply } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message, Query } from "../support/wire.ts";

const UP = "www.up.test.";
const A = (owner: string): ScriptedRecord => ({ owner, type: "A", rdata: address("192.0.2.1") });
const SOA: ScriptedRecord = { owner: "up.test.", type: "SOA", rdata: soa() };
const MX: ScriptedRecord = {
  owner: UP,
  type: "MX",
  rdata: Buffer.concat([Buffer.from([0, 10]), name("mail.up.test.")]),
};

const holding =
  (names: Readonly<Record<string, ScriptedReply>>): Saying =>
  (query, asked, type) => ({ reply: writeReply(query, names[`${asked} ${type}`] ?? { rcode: 3, authority: [SOA] }) });
const right = holding({
  [`${UP} A`]: { answer: [A(UP)] },
  [`${UP} AAAA`]: { authority: [SOA] },
  [`${UP} MX`]: { answer: [MX] },
});

const REPLY = Buffer.alloc(65_535);
const LOCAL = new KnownClient("udp", Uint8Array.of(10, 244, 0, 1));

function start(say: Saying = right, more: Partial<Pick<AnswerSettings, "autopath" | "reasons">> = {}) {
  const upstream = fakeGroup(say);
  const { cache, writer, clock, pass } = newCache();
  const table = newTable();
  table.put("z.", [records("NS", ["ns.z."])]);
  table.put("a.z.", [records("A", ["10.0.0.1"])]);
  table.put("out.z.", [records("CNAME", [UP])]);
  table.put("far.z.", [records("CNAME", ["out.z."])]);
  table.put("gone.z.", [records("CNAME", ["gone.up.test."])]);
  table.writer.setZonesKnown(true);
  const settings = { ednsSize: 1232, recursion: true, cache: writer.memory, clock: clock.memory, ...more };
  const plain = new QueryAnswerer(table.reader, settings, 1);
  const routes = new ForwardRoutes([{ zone: wire("."), group: upstream.group }]);
  const resolver = new Resolver({ cache, routes, local: localZones(plain) });
  const answerer = new ForwardingAnswerer(plain, resolver, cache);
  /** The reply to a query that is handed over. */
  const late = async (asked: Query, transport: ClientTransport = "udp"): Promise<Message> => {
    const query = writeQuery(asked);
    const client = new KnownClient(transport, Uint8Array.of(10, 244, 0, 1));
    expect(answerer.answer(query, 0, query.length, Buffer.alloc(65_535), 0, client)).toBe(HAND_OVER);
    return readMessage(Buffer.from(await answerer.answerLate(query, client)));
  };
  return { late, answerer, upstream, routes, table, cache, plain, resolver, pass };
}

describe("what the extended error says", () => {
  const reasons = { texts: reasonTexts(), toAll: false };
  const opt = { size: 1232 };

  test.each<[what: string, say: Saying, name: string, code: number | undefined, text: string | undefined]>([
    ["a timeout", () => ({ fault: "timeout" }), UP, 22, "upstream fake timed out"],
    [
      "a refused connection",
      () => ({ fault: "refused" }),
      UP,
      23,
      "upstream fake refuses connections: nothing listens there",
    ],
    ["SERVFAIL", (query) => ({ reply: writeReply(query, { rcode: 2 }) }), UP, 0, "upstream fake answers SERVFAIL"],
    ["NXDOMAIN", right, "gone.up.test.", 0, "the upstream says that gone.up.test does not exist"],
    ["NODATA", right, UP, 0, `${UP.slice(0, -1)} has no AAAA records`],
    ["the end of a chain", () => ({ fault: "timeout" }), "out.z.", 22, "upstream fake timed out"],
  ])("%s", async (_, say, name, code, text) => {
    for (const [more, expected] of [
      [{ reasons }, text],
      [{}, ""],
    ] as const) {
      const { late, answerer } = start(say, more);
      const query: Query = { name, type: "AAAA", opt };
      const told = ({ opt: got }: Message): readonly unknown[] =>
        (got?.options ?? []).map(({ code: option, data }) => [option, data.readUInt16BE(0), data.toString("utf8", 2)]);
      const expectedOptions = expected === "" && code === 0 ? [] : [[15, code, expected]];
      expect(told(await late(query))).toEqual(expectedOptions);
      // The same from the cache.
      if (name !== UP) continue;
      const size = answerer.answer(writeQuery(query), 0, writeQuery(query).length, REPLY, 0, LOCAL);
      expect(told(readMessage(REPLY.subarray(0, size)))).toEqual(expectedOptions);
    }
  });

  test("a stale answer", async () => {
    let isUp = true;
    const { late, pass } = start((...asked) => (isUp ? right(...asked) : { fault: "timeout" }), { reasons });
    expect((await late({ name: UP, type: "A", opt })).opt?.options).toEqual([]);
    isUp = false;
    pass(1_000);
    const stale = await late({ name: UP, type: "A", opt });
    expect(stale.answer).toHaveLength(1);
    const text = Buffer.from(formatReason({ code: "stale" }));
    expect(stale.opt?.options).toEqual([{ code: 15, data: Buffer.concat([Buffer.from([0, 3]), text]) }]);
  });
});

describe("answerLate", () => {
  test("F01 a name outside the local zones: RA, no AA, the client's id and letter case", async () => {
    const { late } = start();
    const message = await late({ name: "WWW.up.Test.", type: "A", id: 0x1234 });
    expect(message).toMatchObject({ id: 0x1234, question: { name: "WWW.up.Test." }, rcode: "NOERROR" });
    expect(message.flags).toMatchObject({ qr: true, aa: false, rd: true, ra: true, ad: false });
    expect(message.answer.map(({ owner, rdata }) => `${owner} ${rdata}`)).toEqual(["WWW.up.Test. 192.0.2.1"]);
  });

  const CHAIN = `answer out.z. 30 CNAME ${UP}`;
  test.each<[id: string, type: string, lines: readonly string[]]>([
    ["E18", "A", ["NOERROR", CHAIN, `answer ${UP} 60 A 192.0.2.1`]],
    ["E18", "MX", ["NOERROR", CHAIN, `answer ${UP} 60 MX 10 mail.up.test.`]],
    ["E18", "AAAA", ["NOERROR", CHAIN, expect.stringMatching(/^authority up.test. 60 SOA /)]],
  ])("%s the local CNAME, and the upstream's records of type %s", async (_id, type, lines) => {
    const { late } = start();
    const message = await late({ name: "out.z.", type });
    expect(messageLines(message)).toEqual(lines);
    expect(message.flags).toMatchObject({ aa: true, ra: true });
  });

  test("E18 the CNAME itself needs no upstream", () => {
    const { answerer } = start();
    const query = writeQuery({ name: "out.z.", type: "CNAME" });
    const client = new KnownClient("udp");
    expect(answerer.answer(query, 0, query.length, Buffer.alloc(1232), 0, client)).toBeGreaterThan(0);
  });

  test("two local CNAMEs, then the upstream", async () => {
    const { late } = start();
    expect(messageLines(await late({ name: "far.z.", type: "A" }))).toEqual([
      "NOERROR",
      "answer far.z. 30 CNAME out.z.",
      CHAIN,
      `answer ${UP} 60 A 192.0.2.1`,
    ]);
  });

  test("E20 a local CNAME to a name that does not exist: NXDOMAIN with the upstream's SOA", async () => {
    const { late } = start();
    expect(messageLines(await late({ name: "gone.z.", type: "A" }))).toEqual([
      "NXDOMAIN",
      "answer gone.z. 30 CNAME gone.up.test.",
      expect.stringMatching(/^authority up.test. 60 SOA /),
    ]);
  });

  test("a local CNAME when there is no upstream, or none answers", async () => {
    const { late, routes, upstream, pass } = start(() => ({ fault: "timeout" }));
    expect(messageLines(await late({ name: "out.z.", type: "A" }))).toEqual(["SERVFAIL", CHAIN]);
    pass(2);
    routes.replace([]);
    expect(messageLines(await late({ name: "out.z.", type: "A" }))).toEqual(["NOERROR", CHAIN]);
    expect(upstream.asked).toEqual([`${UP} A`]);
  });

  test("a local chain is joined anew each time: its local part is never cached", async () => {
    const { late, table } = start();
    await late({ name: "out.z.", type: "A" });
    table.put("out.z.", [records("CNAME", ["gone.up.test."])]);
    expect((await late({ name: "out.z.", type: "A" })).rcode).toBe("NXDOMAIN");
  });

  test("DO and CD go on, and are answered as they were asked", async () => {
    const seen: string[] = [];
    const { late } = start((query, asked) => {
      const { flags, opt } = readMessage(Buffer.from(query));
      seen.push(`${flags.cd} ${(opt?.flags ?? 0) === 0x8000}`);
      return { reply: writeReply(query, { flags: 0x81a0, answer: [A(asked)] }) };
    });
    const message = await late({ name: UP, type: "A", flags: 0x0110, opt: { size: 1232, flags: 0x8000 } });
    expect(message.flags).toMatchObject({ cd: true, ad: true });
    expect(message.opt).toMatchObject({ flags: 0x8000, size: 1232 });
    expect((await late({ name: UP, type: "A" })).flags).toMatchObject({ cd: false, ad: false });
    expect(seen).toEqual(["true true", "false false"]);
  });

  test("F28 a large answer is cut over UDP and whole over TCP", async () => {
    const all = Array.from({ length: 3_000 }, (_, i) => ({
      ...A("large.up.test."),
      rdata: Uint8Array.of(10, 0, i >> 8, i & 255),
    }));
    const { late } = start((query) => ({ reply: writeReply(query, { answer: all }) }));
    const cut = await late({ name: "large.up.test.", type: "A", opt: { size: 4096 } });
    expect([cut.flags.tc, cut.answer.length > 50, cut.answer.length < 80]).toEqual([true, true, true]);
    const { answerer } = start((query) => ({ reply: writeReply(query, { answer: all }) }));
    const query = writeQuery({ name: "large.up.test.", type: "A" });
    const whole = readMessage(Buffer.from(await answerer.answerLate(query, new KnownClient("tcp"))));
    expect([whole.flags.tc, whole.answer.length]).toEqual([false, 3_000]);
  });

  test("a name that became local after it was handed over is answered from the local zone", async () => {
    const { answerer, table, upstream } = start();
    const client = new KnownClient("udp");
    const query = writeQuery({ name: "out.z.", type: "A" });
    expect(answerer.answer(query, 0, query.length, Buffer.alloc(1232), 0, client)).toBe(HAND_OVER);
    table.put("out.z.", [records("A", ["10.0.0.9"])]);
    const message = readMessage(Buffer.from(await answerer.answerLate(query, client)));
    expect(messageLines(message)).toEqual(["NOERROR", "answer out.z. 30 A 10.0.0.9"]);
    table.remove("out.z.");
    expect(readMessage(Buffer.from(await answerer.answerLate(query, client))).rcode).toBe("NXDOMAIN");
    expect(upstream.asked).toEqual([]);
  });

  test("before the local zones are loaded no upstream is asked: a name may turn out to be local", () => {
    const { plain, table } = start();
    table.writer.setZonesKnown(false);
    const query = writeQuery({ name: UP, type: "A", opt: { size: 1232 } });
    const buffer = Buffer.alloc(1232);
    const size = plain.answer(query, 0, query.length, buffer, 0, new KnownClient("udp"));
    const message = readMessage(buffer.subarray(0, size));
    expect([message.rcode, message.opt?.options]).toEqual(["SERVFAIL", [{ code: 15, data: Buffer.from([0, 14]) }]]);
  });

  test("records beside the question change nothing; what is no query has no reply", async () => {
    const { answerer } = start();
    const client = new KnownClient("udp");
    const query = writeQuery({ name: UP, type: "A" });
    query.writeUInt16BE(1, 6);
    const beside = Buffer.concat([query, Buffer.from("c00c000100010000003c0004c0000201", "hex")]);
    expect(readMessage(Buffer.from(await answerer.answerLate(beside, client))).answer).toHaveLength(1);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(12)])
      expect(await answerer.answerLate(bytes, client)).toHaveLength(0);
  });

  test("F27 more that wait than there may be get SERVFAIL at once, our names their answers", async () => {
    const { answerer, resolver } = start(() => new Promise(() => undefined));
    const clientAt = (i: number): KnownClient => new KnownClient("udp", Uint8Array.of(10, 0, i >> 8, i & 0xff));
    const client = clientAt(WAITING_MAX);
    for (let i = 0; i < WAITING_MAX; i++) void answerer.answerLate(writeQuery({ name: UP, type: "A" }), clientAt(i));
    const note = newAnswerNote();
    const over = await answerer.answerLate(writeQuery({ name: UP, type: "A" }), client, note);
    expect(readMessage(Buffer.from(over)).rcode).toBe("SERVFAIL");
    expect(note.cause).toBe(CAUSE.OVERLOADED);
    expect(resolver.counts).toMatchObject({ asked: 1, joined: WAITING_MAX - 1 });
    const local = writeQuery({ name: "a.z.", type: "A" });
    expect(answerer.answer(local, 0, local.length, Buffer.alloc(1232), 0, client)).toBeGreaterThan(0);
  });

  test("a client may wait as often as it leaves room for, and others have that room", async () => {
    const { answerer, resolver } = start(() => new Promise(() => undefined));
    const ask = (i: number, host: number): Promise<Uint8Array> =>
      answerer.answerLate(
        writeQuery({ name: `n${i}.up.test.`, type: "A" }),
        new KnownClient("udp", Uint8Array.of(10, 0, 0, host)),
      );
    for (let i = 0; i < OUTSTANDING_MAX; i++) void ask(i, 1);
    expect(resolver.counts.asked).toBe(OUTSTANDING_MAX / 2);
    expect(readMessage(Buffer.from(await ask(OUTSTANDING_MAX, 1))).rcode).toBe("SERVFAIL");
    for (let i = 0; i < 500; i++) void ask(10_000 + i, 2);
    expect(resolver.counts.asked).toBe(OUTSTANDING_MAX / 2 + 500);
  });

  test("a client that floods a slow domain has a part of its room, and its other names are answered", async () => {
    vi.useFakeTimers();
    try {
      const silent: Saying = () => new Promise((end) => setTimeout(() => end({ fault: "timeout" }), ASK_BUDGET_MS));
      const { answerer, resolver } = start((...asked) =>
        asked[1].endsWith(".slow.example.") ? silent(...asked) : right(...asked),
      );
      const ask = async (text: string, host: number): Promise<Message> => {
        const client = new KnownClient("udp", Uint8Array.of(10, 0, 0, host));
        return readMessage(Buffer.from(await answerer.answerLate(writeQuery({ name: text, type: "A" }), client)));
      };
      const flood = (from: number, count: number): Promise<Message>[] =>
        Array.from({ length: count }, (_, i) => ask(`n${from + i}.slow.example.`, 1));
      const learning = flood(0, 100);
      await vi.advanceTimersByTimeAsync(2 * ASK_BUDGET_MS);
      await Promise.all(learning);
      const asked = resolver.counts.asked;
      const flooding = flood(1_000, OUTSTANDING_MAX);
      expect(resolver.counts.asked - asked).toBe(SLOW_OUTSTANDING_MAX / 2);
      const over = await ask("over.slow.example.", 1);
      expect([over.rcode, over.flags.ra]).toEqual(["SERVFAIL", true]);
      expect((await ask(UP, 1)).rcode).toBe("NOERROR");
      // Another client's name of the same domain is still asked for.
      flooding.push(ask("other.slow.example.", 2));
      expect(resolver.counts.asked - asked).toBe(SLOW_OUTSTANDING_MAX / 2 + 2);
      await vi.advanceTimersByTimeAsync(2 * ASK_BUDGET_MS);
      await Promise.all(flooding);
    } finally {
      vi.useRealTimers();
    }
  });

  test("X29 it is idle when no query waits any more, and tells after a while in any case", async () => {
    let reply: (() => void) | undefined;
    const { answerer } = start(
      (query, asked, type) => new Promise((resolve) => (reply = () => resolve(right(query, asked, type)))),
    );
    await answerer.untilIdle(60_000);
    let answered = false;
    const late = answerer
      .answerLate(writeQuery({ name: UP, type: "A" }), new KnownClient("udp"))
      .then(() => (answered = true));
    await new Promise((resolve) => setImmediate(resolve));
    await answerer.untilIdle(5);
    expect(answered).toBe(false);
    const idle = answerer.untilIdle(60_000);
    reply?.();
    await Promise.all([idle, late]);
  });

  test("the note tells what made the answer", async () => {
    const { answerer, routes, table, cache, pass } = start((query, asked, type) =>
      asked === "dead.up.test." ? { fault: "timeout" } : right(query, asked, type),
    );
    const noted = async (text: string): Promise<[cause: string | undefined, rcode: number, ede: number]> => {
      const note = newAnswerNote();
      await answerer.answerLate(writeQuery({ name: text, type: "A" }), new KnownClient("tcp"), note);
      const cause = Object.entries(CAUSE).find(([, code]) => code === note.cause)?.[0];
      return [cause, note.rcode, note.ede];
    };
    expect(await noted(UP)).toEqual(["FORWARDED", 0, -1]);
    expect(await noted(UP)).toEqual(["CACHE", 0, -1]);
    expect(await noted("out.z.")).toEqual(["FORWARDED", 0, -1]);
    expect(await noted("gone.z.")).toEqual(["FORWARDED", 3, -1]);
    expect(await noted("dead.up.test.")).toEqual(["FAILED", 2, 22]);
    table.put("now.z.", [records("A", ["10.0.0.9"])]);
    expect(await noted("now.z.")).toEqual(["LOCAL", 0, -1]);
    cache.store(key("dead.up.test."), content([record("dead.up.test.", 60, "A", "192.0.2.7")]));
    pass(61);
    expect(await noted("dead.up.test.")).toEqual(["STALE", 0, 3]);
    routes.replace([]);
    expect(await noted("new.up.test.")).toEqual(["NOT_SERVED", 5, 20]);
  });

  describe("a search list that is walked", () => {
    const searching = (saying: Saying = () => new Promise(() => undefined)) => {
      const parts = start(saying, { autopath: true });
      const resolve = resolveAnywhere.bind(undefined, localZones(parts.plain), parts.resolver);
      const autopath = new Autopath({ searchesOf: () => ["z", "corp.example", "lan.example"], resolve });
      const answerer = new ForwardingAnswerer(parts.plain, parts.resolver, parts.cache, autopath);
      const client = new KnownClient("udp", Uint8Array.of(10, 244, 0, 1));
      const ask = async (text: string): Promise<Message> =>
        readMessage(Buffer.from(await answerer.answerLate(writeQuery({ name: text, type: "A" }), client)));
      return { ...parts, answerer, client, ask };
    };

    test("ends in time, in the plain answer, whatever upstreams do", async () => {
      vi.useFakeTimers();
      try {
        const answered = searching().ask("www.up.test.z.");
        await vi.advanceTimersByTimeAsync(ASK_BUDGET_MS);
        expect(messageLines(await answered)[0]).toBe("NXDOMAIN");
      } finally {
        vi.useRealTimers();
      }
    });

    test("that ends at an answer is counted", async () => {
      const { ask, answerer } = searching(right);
      expect(messageLines(await ask("www.up.test.z."))[0]).toBe("NOERROR");
      expect(answerer.searched).toBe(1);
    });

    test("counts as waiting; beyond what may wait the answer is the plain one, at once", async () => {
      const { ask, answerer } = searching();
      for (let i = 0; i < WAITING_MAX; i++)
        void answerer.answerLate(
          writeQuery({ name: "www.up.test.z.", type: "A" }),
          new KnownClient("udp", Uint8Array.of(10, 0, i >> 8, i & 0xff)),
        );
      expect(messageLines(await ask("other.up.test.z."))[0]).toBe("NXDOMAIN");
    });

    test("a reply that comes as a query is dropped", () => {
      const { answerer, upstream, client } = searching();
      const missing = writeQuery({ name: "www.up.test.z.", type: "A" });
      expect(answerer.answer(missing, 0, missing.length, Buffer.alloc(1232), 0, client)).toBe(HAND_OVER);
      const reply = writeQuery({ name: "victim.example.", type: "A", flags: 0x8100 });
      expect(answerer.answer(reply, 0, reply.length, Buffer.alloc(1232), 0, client)).toBe(0);
      expect(upstream.asked).toEqual([]);
    });
  });
});

describe("localZones", () => {
  test.each<[name: string, type: string, lines: readonly unknown[] | undefined]>([
    ["a.z.", "A", ["NOERROR", "answer a.z. 30 A 10.0.0.1"]],
    ["A.Z.", "A", ["NOERROR", "answer A.Z. 30 A 10.0.0.1"]],
    ["a.z.", "AAAA", ["NOERROR", expect.stringMatching(/^authority z. 5 SOA /)]],
    ["none.z.", "A", ["NXDOMAIN", expect.stringMatching(/^authority z. 5 SOA /)]],
    ["out.z.", "A", ["NOERROR", `answer out.z. 30 CNAME ${UP}`]],
    [UP, "A", undefined],
    [".", "SOA", undefined],
  ])("%s %s", (asked, type, lines) => {
    const { plain } = start();
    const found = localZones(plain)(key(asked, type));
    expect(found && contentLines(found)).toEqual(lines);
  });
});

describe("resolveAnywhere", () => {
  test.each<[name: string, type: string, lines: readonly unknown[]]>([
    ["a.z.", "A", ["NOERROR", "answer a.z. 30 A 10.0.0.1"]],
    ["out.z.", "A", ["NOERROR", `answer out.z. 30 CNAME ${UP}`, `answer ${UP} 60 A 192.0.2.1`]],
    ["out.z.", "CNAME", ["NOERROR", `answer out.z. 30 CNAME ${UP}`]],
    [UP, "A", ["NOERROR", `answer ${UP} 60 A 192.0.2.1`]],
  ])("%s %s", async (asked, type, lines) => {
    const { plain, resolver } = start();
    expect(contentLines(await resolveAnywhere(localZones(plain), resolver, key(asked, type)))).toEqual(lines);
  });
});
