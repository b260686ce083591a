// Answers out of the cache as the data plane gives them: bytes, TTLs, flags and sizes; and beside a zone of our own, with
// the options of EDNS, through the answerer of all queries.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import { CacheAnswerer } from "../../src/answer/cache-answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { newCookieMemory } from "../../src/answer/cookies.ts";
import { sumCounters, sumCounts } from "../../src/answer/answer-counts.ts";
import { newCounters } from "../../src/answer/counters.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../src/cache/cache-key.ts";
import { QueryContext } from "../../src/answer/query-context.ts";
import { ask } from "../support/core/ask.ts";
import type { ProbedKind } from "../support/core/measure-allocation.ts";
import { content, key, messageLines, newCache, record, soaOf } from "../support/core/cached.ts";
import { newTable, records } from "../support/core/table.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message, Query as AskedQuery } from "../support/wire.ts";

const NAME = "www.up.test.";
const A = content([record(NAME, 60, "A", "192.0.2.1")]);
const AD = 0x0120;
const CD = 0x0110;
const DO = { size: 1232, flags: 0x8000 };

function newAnswerer(staleSeconds?: number) {
  const { cache, writer, clock, pass } = newCache(staleSeconds);
  const answerer = new CacheAnswerer(writer.memory, clock);
  const context = new QueryContext({ ednsSize: 1232, recursion: true });
  const room = Buffer.alloc(65_535);
  /** The cached answer, whose records end after at most `limit` bytes; undefined: there is none. */
  const reply = (asked: AskedQuery, limit = 1232): Message | undefined => {
    const bytes = Buffer.concat([Buffer.from([1, 2, 3]), writeQuery(asked)]);
    context.begin(bytes, 3, bytes.length, room, 7, new KnownClient("tcp"));
    expect(context.readPlain()).toBe(true);
    context.reply.limit = limit;
    if (!answerer.answer(context)) return undefined;
    const size = context.reply.at;
    expect(size).toBeLessThanOrEqual(limit + (asked.opt === undefined ? 0 : 11));
    return readMessage(Buffer.from(room.subarray(7, 7 + size)));
  };
  const put = (what: CacheContent, asked: CacheKey = key(NAME)): void => void cache.store(asked, what);
  return { cache, answerer, context, reply, put, pass };
}

const lines = (message: Message | undefined): readonly string[] | undefined => message && messageLines(message);

describe("rotation", () => {
  const addresses = Array.from({ length: 5 }, (_, i) => `192.0.2.${i + 1}`);

  test.each<[what: string, before: ReturnType<typeof record>[], owner: string]>([
    ["addresses alone", [], NAME],
    ["behind a CNAME", [record(NAME, 300, "CNAME", "b.up.test.")], "b.up.test."],
  ])("%s: each comes first as often, in their round, TTLs counted down", (_, before, owner) => {
    const { put, pass, reply } = newAnswerer();
    put(content([...before, ...addresses.map((each) => record(owner, 60, "A", each))]));
    pass(10);
    const firsts = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const answer = reply({ name: NAME, type: "A" })!.answer;
      expect(answer.slice(0, before.length).map(({ type, ttl }) => [type, ttl])).toEqual(
        before.map(() => ["CNAME", 290]),
      );
      const told = answer.slice(before.length);
      expect(told.every(({ ttl, owner: of }) => ttl === 50 && of === owner)).toBe(true);
      const from = addresses.indexOf(told[0]!.rdata);
      expect(told.map(({ rdata }) => rdata)).toEqual([...addresses.slice(from), ...addresses.slice(0, from)]);
      firsts.set(told[0]!.rdata, (firsts.get(told[0]!.rdata) ?? 0) + 1);
    }
    expect([...firsts.values()].every((count) => count > 140 && count < 260)).toBe(true);
    expect(firsts.size).toBe(5);
  });

  test("what is not an address, or is cut, stays in its order", () => {
    const { put, reply } = newAnswerer();
    const texts = ["1", "2", "3"].map((text) => record(NAME, 60, "TXT", Buffer.from(`\u0001${text}`)));
    put(content(texts), key(NAME, "TXT"));
    put(content(addresses.map((each) => record(NAME, 60, "A", each))));
    for (let i = 0; i < 50; i++) {
      expect(reply({ name: NAME, type: "TXT" })!.answer.map(({ rdata }) => rdata)).toEqual(['"1"', '"2"', '"3"']);
      const cut = reply({ name: NAME, type: "A" }, 80)!.answer.map(({ rdata }) => rdata);
      expect(cut.length).toBeLessThan(5);
      expect(cut).toEqual(addresses.slice(0, cut.length));
    }
  });
});

describe("time", () => {
  test("a proof in the authority section that ends first ends the answer; no TTL ever goes up", () => {
    const { put, pass, reply } = newAnswerer();
    const proof = { ...record(NAME, 1, "TYPE47", Buffer.from("\u0000\u0000\u0001\u0040")) };
    put(content([record(NAME, 300, "A", "192.0.2.1")], { authority: [proof] }));
    expect(reply({ name: NAME, type: "A" })!.authority.map(({ ttl }) => ttl)).toEqual([1]);
    pass(2);
    expect(reply({ name: NAME, type: "A" })).toBeUndefined();
  });

  test("each TTL counts down by itself, and the first that ends ends the answer", () => {
    const { put, pass, reply } = newAnswerer();
    put(content([record(NAME, 300, "CNAME", "b.up.test."), record("b.up.test.", 20, "A", "192.0.2.1")]));
    for (const [after, cname, a] of [
      [0, 300, 20],
      [0.9, 300, 20],
      [0.1, 299, 19],
      [18, 281, 1],
      [0.999, 281, 1],
    ] as const) {
      pass(after);
      expect(lines(reply({ name: NAME, type: "A" }))).toEqual([
        "NOERROR",
        `answer ${NAME} ${cname} CNAME b.up.test.`,
        `answer b.up.test. ${a} A 192.0.2.1`,
      ]);
    }
    pass(0.001);
    expect(reply({ name: NAME, type: "A" })).toBeUndefined();
  });

  test("a TTL of all but 2^31 counts down across all its bytes, and is kept for a day", () => {
    const { put, pass, reply } = newAnswerer();
    put(content([record(NAME, 2 ** 31 - 1, "A", "192.0.2.1")]));
    pass(86_399);
    expect(reply({ name: NAME, type: "A" })?.answer[0]?.ttl).toBe(2 ** 31 - 1 - 86_399);
    pass(1);
    expect(reply({ name: NAME, type: "A" })).toBeUndefined();
  });

  test("a negative answer's SOA counts down from the smaller of its TTL and MINIMUM", () => {
    const { put, pass, reply } = newAnswerer();
    put(content([], { rcode: 3, authority: [soaOf("up.test.", 60, 30)] }));
    pass(29);
    const message = reply({ name: NAME, type: "A" });
    expect([message?.rcode, message?.authority[0]?.ttl]).toEqual(["NXDOMAIN", 1]);
    pass(1);
    expect(reply({ name: NAME, type: "A" })).toBeUndefined();
  });

  test("an entry from the future, or from weeks ago, is none", () => {
    const { put, pass, reply } = newAnswerer();
    put(A);
    pass(2 ** 31 / 1000 + 10);
    expect(reply({ name: NAME, type: "A" })).toBeUndefined();
  });
});

describe("what a query says beside its name", () => {
  test("letter case, id and RD come back as they were asked; an answer of others is not authoritative", () => {
    const { put, reply } = newAnswerer();
    put(A);
    const message = reply({ name: "wWw.Up.TEST.", type: "A", id: 0xbeef, flags: 0x0100 });
    expect(message).toMatchObject({
      id: 0xbeef,
      question: { name: "wWw.Up.TEST." },
      answer: [{ owner: "wWw.Up.TEST." }],
      flags: { qr: true, aa: false, tc: false, rd: true, ra: true, z: false, ad: false, cd: false },
    });
    expect(reply({ name: NAME, type: "A", flags: 0 })?.flags.rd).toBe(false);
  });

  test("F19 another type, DO or CD is another answer", () => {
    const { put, reply } = newAnswerer();
    put(A);
    expect(reply({ name: NAME, type: "AAAA" })).toBeUndefined();
    expect(reply({ name: `x.${NAME}`, type: "A" })).toBeUndefined();
    expect(reply({ name: NAME, type: "A", opt: DO })).toBeUndefined();
    expect(reply({ name: NAME, type: "A", flags: CD })).toBeUndefined();
    expect(reply({ name: NAME, type: "A", opt: { size: 1232 } })).toBeDefined();
    put(content([record(NAME, 60, "A", "192.0.2.2")]), key(NAME, "A", { dnssecOk: true }));
    put(content([record(NAME, 60, "A", "192.0.2.3")]), key(NAME, "A", { checkingDisabled: true }));
    put(content([record(NAME, 60, "A", "192.0.2.4")]), key(NAME, "A", { dnssecOk: true, checkingDisabled: true }));
    const answers = [{}, { opt: DO }, { flags: CD }, { opt: DO, flags: CD }].map(
      (more) => reply({ name: NAME, type: "A", ...more })?.answer[0]?.rdata,
    );
    expect(answers).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  });

  test.each<[what: string, authenticated: boolean, asked: Partial<AskedQuery>, ad: boolean]>([
    ["who asks with AD", true, { flags: AD }, true],
    ["who asks with DO", true, { opt: DO }, true],
    ["who asks with CD and AD", true, { flags: CD | AD }, true],
    ["nobody else", true, {}, false],
    ["nobody else, with EDNS", true, { opt: { size: 1232 } }, false],
    ["nobody where it was not validated", false, { flags: AD, opt: DO }, false],
  ])("F23 AD is told to %s", (_what, authenticated, asked, ad) => {
    const { put, reply } = newAnswerer();
    const flags = { dnssecOk: asked.opt?.flags === 0x8000, checkingDisabled: ((asked.flags ?? 0) & 0x10) !== 0 };
    put({ ...A, authenticated }, key(NAME, "A", flags));
    const message = reply({ name: NAME, type: "A", ...asked });
    expect([message?.flags.ad, message?.flags.cd]).toEqual([ad, flags.checkingDisabled]);
  });
});

describe("size", () => {
  test("what does not fit is cut in whole records, with TC", () => {
    const { put, reply } = newAnswerer();
    const all = Array.from({ length: 100 }, (_, i) => record(NAME, 60, "A", `10.0.0.${i}`));
    put(content(all));
    const question = 12 + 13 + 4;
    for (const limit of [512, 513, 527, 528, 1232, question + 1600 - 1]) {
      const cut = reply({ name: NAME, type: "A" }, limit);
      expect(cut?.flags.tc).toBe(true);
      expect(cut?.answer).toHaveLength(Math.floor((limit - question) / 16));
    }
    const whole = reply({ name: NAME, type: "A" }, question + 1600);
    expect([whole?.flags.tc, whole?.answer.length]).toEqual([false, 100]);
  });

  test("records of the authority section go first, and say so too", () => {
    const { put, reply } = newAnswerer();
    put(content([record(NAME, 60, "CNAME", "b.up.test.")], { authority: [soaOf("up.test.", 60, 30)] }));
    const cut = reply({ name: NAME, type: "A" }, 60);
    expect([cut?.flags.tc, cut?.answer.length, cut?.authority.length]).toEqual([true, 1, 0]);
    const none = reply({ name: NAME, type: "A" }, 30);
    expect([none?.flags.tc, none?.answer.length, none?.authority.length]).toEqual([true, 0, 0]);
  });

  test("60 kB are whole where there is room", () => {
    const { put, reply, pass } = newAnswerer();
    const all = Array.from({ length: 3_700 }, (_, i) => record(NAME, 60, "A", `10.1.${i >> 8}.${i & 255}`));
    put(content(all));
    pass(10);
    const whole = reply({ name: NAME, type: "A" }, 65_535);
    expect(whole?.answer).toHaveLength(3_700);
    expect(new Set(whole?.answer.map(({ ttl }) => ttl))).toEqual(new Set([50]));
  });
});

describe("write", () => {
  test("an entry that is not in the cache, authoritative where it is told", () => {
    const { answerer, cache, context } = newAnswerer();
    const { entry } = cache.encode(key(NAME), A);
    const asked = writeQuery({ name: NAME, type: "A", id: 9 });
    const room = Buffer.alloc(600);
    const flags = [0, 4].map((aa) => {
      context.begin(asked, 0, asked.length, room, 3, new KnownClient("udp"));
      context.readPlain();
      answerer.write(context, entry, aa);
      return readMessage(Buffer.from(room.subarray(3, 3 + context.reply.at))).flags.aa;
    });
    expect(flags).toEqual([false, true]);
  });
});

describe("in the data plane", () => {
  const COOKIE = Buffer.from("000a00080102030405060708", "hex");
  const NSID = Buffer.from("00030000", "hex");
  const PADDING = Buffer.from("000c0000", "hex");

  function serve() {
    const { cache, writer, clock, pass } = newCache();
    const table = newTable();
    table.put("z.", [records("NS", ["ns.z."])]);
    table.put("a.z.", [records("A", ["10.0.0.1"])]);
    table.put("out.z.", [records("CNAME", [NAME])]);
    table.writer.setZonesKnown(true);
    const counters = newCounters();
    const settings = {
      ednsSize: 1232,
      recursion: true,
      cache: writer.memory,
      clock: clock.memory,
      cookies: newCookieMemory(),
      nsid: new Uint8Array(Buffer.from("ns-1")),
    };
    const answerer = new QueryAnswerer(table.reader, settings, 1, [counters]);
    const counts = () => sumCounts([{ transport: "udp", counts: sumCounters([counters.udp, counters.stream]) }]);
    return { cache, answerer, counts, pass };
  }

  const size = (answerer: QueryAnswerer, query: AskedQuery, transport: ClientTransport = "udp"): number => {
    const bytes = writeQuery(query);
    return answerer.answer(bytes, 0, bytes.length, Buffer.alloc(65_535), 0, new KnownClient(transport));
  };

  test("a name of others is handed over until its answer is at hand; ours never are looked up there", () => {
    const { cache, answerer, counts } = serve();
    expect(size(answerer, { name: NAME, type: "A" })).toBe(HAND_OVER);
    cache.store(key(NAME), A);
    cache.store(key("a.z."), content([record("a.z.", 60, "A", "192.0.2.66")]));
    cache.store(key("none.z."), content([record("none.z.", 60, "A", "192.0.2.66")]));
    expect(ask(answerer, { name: NAME, type: "A" }).answer.map(({ rdata }) => rdata)).toEqual(["192.0.2.1"]);
    expect(ask(answerer, { name: "a.z.", type: "A" }).answer.map(({ rdata }) => rdata)).toEqual(["10.0.0.1"]);
    expect(ask(answerer, { name: "none.z.", type: "A" }).rcode).toBe("NXDOMAIN");
    expect(counts()).toMatchObject({ total: 3, byType: { A: 3 }, byRcode: { NOERROR: 2, NXDOMAIN: 1 } });
  });

  test("F02 without RD nothing of the cache is told", () => {
    const { cache, answerer } = serve();
    cache.store(key(NAME), A);
    const message = ask(answerer, { name: NAME, type: "A", flags: 0, opt: { size: 1232 } });
    expect([message.rcode, message.answer, message.opt?.options[0]?.code]).toEqual(["REFUSED", [], 15]);
  });

  test.each<[what: string, transport: ClientTransport, options: Buffer, codes: readonly number[]]>([
    ["a cookie", "udp", COOKIE, [10]],
    ["NSID", "udp", NSID, [3]],
    ["a cookie and NSID", "tcp", Buffer.concat([COOKIE, NSID]), [3, 10]],
    ["padding over TLS", "tls", PADDING, [12]],
    ["no padding over UDP", "udp", PADDING, []],
  ])("beside a cached answer: %s", (_what, transport, options, codes) => {
    const { cache, answerer } = serve();
    cache.store(key(NAME), A);
    const message = ask(answerer, { name: NAME, type: "A", opt: { size: 1232, options } }, transport);
    expect(message.answer.map(({ rdata }) => rdata)).toEqual(["192.0.2.1"]);
    expect(message.opt?.options.map(({ code }) => code)).toEqual(codes);
  });

  test("a stale answer and a failure say so", () => {
    const { cache, answerer, pass } = serve();
    cache.store(key(NAME), A);
    pass(61);
    cache.stale(key(NAME));
    cache.storeFailure(key("dead.up.test."), content([], { rcode: 2, ede: 22 }));
    const ede = (name: string): unknown => {
      const { opt, rcode } = ask(answerer, { name, type: "A", opt: { size: 1232 } });
      return [rcode, opt?.options.map(({ code, data }) => [code, data.readUInt16BE(0)])];
    };
    expect(ede(NAME)).toEqual(["NOERROR", [[15, 3]]]);
    expect(ede("dead.up.test.")).toEqual(["SERVFAIL", [[15, 22]]]);
    // Without EDNS there is nowhere to say it.
    expect(ask(answerer, { name: NAME, type: "A" }).opt).toBeUndefined();
  });

  test("every size that a client allows is kept, whatever stands in the OPT", () => {
    const { cache, answerer, counts } = serve();
    const all = Array.from({ length: 200 }, (_, i) => record(NAME, 60, "A", `10.0.0.${i}`));
    cache.store(key(NAME), { ...content(all), ede: 3 });
    const options = Buffer.concat([COOKIE, NSID]);
    for (let udpSize = 500; udpSize <= 1300; udpSize += 7) {
      const query = { name: NAME, type: "A", opt: { size: udpSize, options } };
      const message = ask(answerer, query, "udp", Math.min(Math.max(udpSize, 512), 1232));
      expect(message.flags.tc).toBe(true);
    }
    expect(counts().truncated).toBe(counts().total);
    expect(ask(answerer, { name: NAME, type: "A", opt: { size: 1232, options } }, "tcp").answer).toHaveLength(200);
  });

  test("what is our CNAME and others' address is put together by the main thread", () => {
    const { cache, answerer } = serve();
    cache.store(key(NAME), A);
    expect(size(answerer, { name: "out.z.", type: "A" })).toBe(HAND_OVER);
  });
});

const PROBE = fileURLToPath(new URL("../support/core/cache-allocation-probe.ts", import.meta.url));

test("no kind of cached answer costs a byte", async () => {
  const args = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", PROBE];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  const kinds = JSON.parse(stdout) as ProbedKind[];
  expect(kinds.filter(({ collections, bytesPerQuery }) => collections > 0 || !(bytesPerQuery < 1))).toEqual([]);
  expect(kinds.map(({ what, rcode, truncated }) => [what, rcode, truncated])).toEqual([
    ["A", 0, false],
    ["A with EDNS and options", 0, false],
    ["a chain", 0, false],
    ["truncated", 0, true],
    ["NXDOMAIN", 3, false],
    ["a failure", 2, false],
    ["over TCP", 0, false],
    ["A of a zone", 0, false],
    ["NXDOMAIN of a zone", 3, false],
    ["SERVFAIL of a zone that is not ready", 2, false],
    ["handed over: not at hand", -1, false],
    ["handed over: past its time", -1, false],
  ]);
});
