// Questions outside the local zones: asked once, followed over routes and zones, stale when upstreams fail. In memory.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../src/cache/cache-key.ts";
import { ForwardRoutes } from "../../src/forward/forward-routes.ts";
import { OUTSTANDING_MAX, Resolver, SLOW_OUTSTANDING_MAX, STALE_AFTER_MS } from "../../src/forward/resolver.ts";
import { SLOW_AFTER_MS, SLOW_MARKS } from "../../src/forward/slow-domains.ts";
import { ASK_BUDGET_MS } from "../../src/forward/upstream-group.ts";
import { content, contentLines, key, newCache, record, soaOf } from "../support/core/cached.ts";
import { wire } from "../support/core/table.ts";
import { fakeGroup } from "../support/fake-group.ts";
import type { FakeGroup, Saying } from "../support/fake-group.ts";
import { address, name, soa, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedRecord, ScriptedReply } from "../support/scripted-upstream.ts";
import { formatName, formatType } from "../support/wire.ts";

const NAME = "www.up.test.";
const A = (owner: string, ttl = 60, text = "192.0.2.1"): ScriptedRecord => ({
  owner,
  type: "A",
  ttl,
  rdata: address(text),
});
const CNAME = (owner: string, target: string, ttl = 60): ScriptedRecord => ({
  owner,
  type: "CNAME",
  ttl,
  rdata: name(target),
});
const SOA: ScriptedRecord = { owner: "up.test.", type: "SOA", rdata: soa() };

/** An upstream that holds these names: an answer each; NXDOMAIN for others. */
const holding =
  (names: Readonly<Record<string, ScriptedReply>>): Saying =>
  (query, asked) => ({ reply: writeReply(query, names[asked] ?? { rcode: 3, authority: [SOA] }) });
const right: Saying = (query, asked) => ({ reply: writeReply(query, { answer: [A(asked)] }) });
const dead: Saying = () => ({ fault: "refused" });
const never: Saying = () => new Promise(() => undefined);

interface Settings {
  readonly stubs?: Readonly<Record<string, Saying>>;
  /** Answers of local zones by name; a name without one is NXDOMAIN; undefined: not local. */
  readonly local?: (key: CacheKey, text: string) => CacheContent | undefined;
  readonly staleSeconds?: number;
}

const opened: ForwardRoutes[] = [];
// Timers of queries that are left behind would fire in another test, which may have stopped the clock.
afterEach(() => {
  for (const routes of opened.splice(0)) routes.close();
});

function start(say: Saying | undefined, { stubs = {}, local, staleSeconds }: Settings = {}) {
  // As the forward plane does.
  const onEvent = ({ kind }: { kind: string }): void => {
    if (kind === "up") resolver.forgetFailures();
  };
  const root = say && fakeGroup(say, onEvent);
  const groups = new Map<string, FakeGroup>(Object.entries(stubs).map(([domain, each]) => [domain, fakeGroup(each)]));
  const { cache, writer, pass } = newCache(staleSeconds);
  const routes = new ForwardRoutes([
    ...(root === undefined ? [] : [{ zone: wire("."), group: root.group }]),
    ...[...groups].map(([domain, { group }]) => ({ zone: wire(domain), group })),
  ]);
  opened.push(routes);
  const localOf = (asked: CacheKey): CacheContent | undefined => local?.(asked, textOf(asked.name));
  const resolver = new Resolver({ cache, routes, local: localOf });
  const resolve = async (text: string, type?: string, flags?: Partial<CacheKey>) =>
    contentLines(await resolver.resolve(key(text, type, flags)));
  return { resolver, resolve, cache, writer, pass, root: root!, groups };
}

function textOf(bytes: Uint8Array): string {
  const labels: Buffer[] = [];
  for (let at = 0; bytes[at] !== 0; at += 1 + bytes[at]!)
    labels.push(Buffer.from(bytes.subarray(at + 1, at + 1 + bytes[at]!)));
  return formatName(labels);
}

describe("one question", () => {
  test("is asked once, and kept", async () => {
    const { resolve, root, resolver } = start(right);
    const wanted = ["NOERROR", `answer ${NAME} 60 A 192.0.2.1`];
    expect(await resolve(NAME)).toEqual(wanted);
    expect(await resolve("WWW.up.TEST.")).toEqual(wanted);
    expect(root.asked).toEqual([`${NAME} A`]);
    expect(resolver.counts).toMatchObject({ asked: 1, joined: 0, failed: 0 });
  });

  test("F18 equal questions at once are asked once; other types, DO and CD by themselves", async () => {
    const { resolve, root, resolver } = start(right);
    const equal = Array.from({ length: 1_000 }, () => resolve(NAME));
    const others = [
      resolve(NAME, "AAAA"),
      resolve(NAME, "A", { dnssecOk: true }),
      resolve(NAME, "A", { checkingDisabled: true }),
    ];
    const answers = await Promise.all(equal);
    expect(new Set(answers.map((lines) => lines.join()))).toEqual(new Set([`NOERROR,answer ${NAME} 60 A 192.0.2.1`]));
    await Promise.all(others);
    expect(root.asked).toHaveLength(4);
    expect(resolver.counts).toMatchObject({ asked: 4, joined: 999 });
  });

  test("F27 over the cap: SERVFAIL at once, stale where there is something", async () => {
    const { resolver, resolve, root, pass, writer } = start(right);
    await resolve(NAME);
    pass(61);
    root.say = never;
    for (let i = 0; i < OUTSTANDING_MAX; i++) void resolver.resolve(key(`n${i}.up.test.`));
    expect(await resolve("over.up.test.")).toEqual(["SERVFAIL"]);
    expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 30 A 192.0.2.1`]);
    expect(resolver.counts.refused).toBe(2);
    // Not cached: no upstream was asked for the name.
    expect(writer.count).toBe(1);
  });

  test("names of a domain whose names stay unanswered have a part of the room, others have the rest", async () => {
    const silent: Saying = () => new Promise((end) => setTimeout(() => end({ fault: "timeout" }), ASK_BUDGET_MS));
    const slow: Saying = (...asked) => (asked[1].endsWith(".slow.example.") ? silent(...asked) : right(...asked));
    vi.useFakeTimers();
    try {
      const { resolver, resolve } = start(slow);
      const askSlow = (from: number, count: number): Promise<unknown>[] =>
        Array.from({ length: count }, (_, i) => resolver.resolve(key(`n${from + i}.slow.example.`)));
      const first = askSlow(0, SLOW_MARKS);
      await vi.advanceTimersByTimeAsync(2 * ASK_BUDGET_MS);
      await Promise.all(first);
      const second = askSlow(1_000, SLOW_OUTSTANDING_MAX);
      expect(resolver.counts.refused).toBe(0);
      // At once, and with the reason.
      expect(await resolver.resolve(key("over.slow.example."))).toMatchObject({ rcode: 2, ede: 22 });
      expect(resolver.counts.refused).toBe(1);
      expect(resolver.roomFor(wire("over.slow.example."))).toBe(0);
      expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 60 A 192.0.2.1`]);
      expect(resolver.roomFor(wire(NAME))).toBe(OUTSTANDING_MAX - SLOW_OUTSTANDING_MAX);
      await vi.advanceTimersByTimeAsync(2 * ASK_BUDGET_MS);
      await Promise.all(second);
      expect(resolver.roomFor(wire("over.slow.example."))).toBe(SLOW_OUTSTANDING_MAX);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a domain that answers late is slow, also at the end of a quick alias; one that fails at once is not", async () => {
    vi.useFakeTimers();
    try {
      const late: Saying = (query, asked, type) =>
        new Promise((resolve) => setTimeout(() => resolve(right(query, asked, type)), SLOW_AFTER_MS));
      const alias: Saying = (query, asked) => ({
        reply: writeReply(query, { answer: [CNAME(asked, `${asked.split(".")[0]}.late.example.`)] }),
      });
      const { resolver } = start(dead, { stubs: { "alias.example.": alias, "late.example.": late } });
      for (const zone of ["alias.example.", "failing.example."]) {
        const asked = Array.from({ length: SLOW_MARKS }, (_, i) => resolver.resolve(key(`n${i}.${zone}`)));
        await vi.advanceTimersByTimeAsync(SLOW_AFTER_MS);
        await Promise.all(asked);
      }
      const rooms = ["new.alias.example.", "new.failing.example."].map((each) => resolver.roomFor(wire(each)));
      expect(rooms).toEqual([SLOW_OUTSTANDING_MAX, OUTSTANDING_MAX]);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each<[what: string, say: Saying, lines: readonly string[], ede: number]>([
    ["silence", () => ({ fault: "timeout" }), ["SERVFAIL"], 22],
    ["no way there", () => ({ fault: "unreachable" }), ["SERVFAIL"], 22],
    ["refused", dead, ["SERVFAIL"], 23],
    ["F10 truncated", () => ({ fault: "truncated" }), ["SERVFAIL"], 23],
    ["garbage", () => ({ fault: "garbage" }), ["SERVFAIL"], 23],
    ["F14 SERVFAIL", (query) => ({ reply: writeReply(query, { rcode: 2 }) }), ["SERVFAIL"], 0],
    ["F14 REFUSED", (query) => ({ reply: writeReply(query, { rcode: 5 }) }), ["REFUSED"], 0],
    ["NOTIMP", (query) => ({ reply: writeReply(query, { rcode: 4 }) }), ["SERVFAIL"], 0],
    ["an rcode of EDNS", (query) => ({ reply: writeReply(query, { rcode: 23 }) }), ["SERVFAIL"], 0],
  ])("a fault is an answer, and is remembered: %s", async (_what, say, lines, ede) => {
    const { resolver, resolve, root, pass } = start(say);
    expect(await resolver.resolve(key(NAME))).toMatchObject({ ede });
    for (let i = 0; i < 100; i++) expect(await resolve(NAME)).toEqual(lines);
    expect(resolver.counts).toMatchObject({ asked: 1, failed: 1 });
    root.say = right;
    pass(1);
    expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 60 A 192.0.2.1`]);
  });

  test.each<[what: string, outage: Saying, within: number]>([
    ["silence", () => new Promise((end) => setTimeout(() => end({ fault: "timeout" }), ASK_BUDGET_MS)), 3],
    ["a closed port", dead, 2],
    ["no route", () => ({ fault: "unreachable" }), 2],
    ["connections that end", () => ({ fault: "closed" }), 2],
    ["SERVFAIL of the upstream itself", (query) => ({ reply: writeReply(query, { rcode: 2 }) }), 5],
  ])("an outage of 75 seconds is over soon after the upstream is well: %s", async (_what, outage, within) => {
    vi.useFakeTimers();
    try {
      const { resolve, root, pass } = start(outage);
      /** Asks for three names once a second, until all have answers. */
      const askFor = async (seconds: number): Promise<number> => {
        for (let second = 0; second < seconds; second++) {
          const rcodes: (string | undefined)[] = [];
          for (const label of "abc") void resolve(`${label}.up.test.`).then(([rcode]) => rcodes.push(rcode));
          await vi.advanceTimersByTimeAsync(1_000);
          pass(1);
          if (rcodes.filter((rcode) => rcode === "NOERROR").length === 3) return second;
        }
        return Infinity;
      };
      expect(await askFor(75)).toBe(Infinity);
      root.say = right;
      expect(await askFor(10)).toBeLessThanOrEqual(within);
    } finally {
      vi.useRealTimers();
    }
  });

  test("no upstream", async () => {
    const { resolver } = start(undefined, { stubs: { "consul.local.": right } });
    expect(await resolver.resolve(key(NAME))).toMatchObject({ rcode: 5, ede: 20 });
    expect((await resolver.resolve(key("a.consul.local."))).rcode).toBe(0);
  });
});

describe("chains", () => {
  test("over routes: each upstream speaks of its own domain alone", async () => {
    const { resolve, root, groups } = start(
      holding({ [NAME]: { answer: [CNAME(NAME, "db.consul.local."), A("db.consul.local.", 60, "203.0.113.66")] } }),
      {
        stubs: {
          "consul.local.": holding({
            "db.consul.local.": {
              answer: [CNAME("db.consul.local.", "end.up.test."), A("end.up.test.", 60, "203.0.113.66")],
            },
          }),
        },
      },
    );
    root.say = holding({
      [NAME]: { answer: [CNAME(NAME, "db.consul.local."), A("db.consul.local.", 60, "203.0.113.66")] },
      "end.up.test.": { answer: [A("end.up.test.", 20)] },
    });
    expect(await resolve(NAME)).toEqual([
      "NOERROR",
      `answer ${NAME} 60 CNAME db.consul.local.`,
      "answer db.consul.local. 60 CNAME end.up.test.",
      "answer end.up.test. 20 A 192.0.2.1",
    ]);
    expect([root.asked, groups.get("consul.local.")!.asked]).toEqual([
      [`${NAME} A`, "end.up.test. A"],
      ["db.consul.local. A"],
    ]);
  });

  test("what an upstream says of the end of a chain that is not for it to say is not believed", async () => {
    const { resolve } = start(
      holding({ [NAME]: { answer: [CNAME(NAME, "db.consul.local.")], rcode: 3, authority: [SOA] } }),
      {
        stubs: { "consul.local.": right },
      },
    );
    expect(await resolve(NAME)).toEqual([
      "NOERROR",
      `answer ${NAME} 60 CNAME db.consul.local.`,
      "answer db.consul.local. 60 A 192.0.2.1",
    ]);
  });

  const localAnswers =
    (records: Readonly<Record<string, CacheContent>>): NonNullable<Settings["local"]> =>
    ({ type }, text) => {
      if (!text.endsWith("cluster.local.")) return undefined;
      const found = records[text];
      if (found === undefined) return content([], { rcode: 3, authority: [soaOf("cluster.local.", 5, 5)] });
      return type === 6 ? content([], { authority: [soaOf("cluster.local.", 5, 5)] }) : found;
    };
  const WEB = "web.default.svc.cluster.local.";

  test("F11 into local zones: their answers, never from the cache", async () => {
    const records: Record<string, CacheContent> = { [WEB]: content([record(WEB, 5, "A", "10.96.0.1")]) };
    const { resolve, root, writer } = start(
      holding({ [NAME]: { answer: [CNAME(NAME, WEB), A(WEB, 60, "203.0.113.66")] } }),
      { local: localAnswers(records) },
    );
    const chain = `answer ${NAME} 60 CNAME ${WEB}`;
    expect(await resolve(NAME)).toEqual(["NOERROR", chain, `answer ${WEB} 5 A 10.96.0.1`]);
    records[WEB] = content([record(WEB, 5, "A", "10.96.0.2")]);
    expect(await resolve(NAME)).toEqual(["NOERROR", chain, `answer ${WEB} 5 A 10.96.0.2`]);
    delete records[WEB];
    expect(await resolve(NAME)).toEqual(["NXDOMAIN", chain, expect.stringMatching(/^authority cluster.local. 5 SOA /)]);
    expect(root.asked).toHaveLength(3);
    expect(writer.count).toBe(0);
  });

  test("into local zones and out again", async () => {
    const { resolve } = start(
      holding({ [NAME]: { answer: [CNAME(NAME, WEB)] }, "end.up.test.": { answer: [A("end.up.test.")] } }),
      {
        local: localAnswers({ [WEB]: content([record(WEB, 5, "CNAME", "end.up.test.")]) }),
      },
    );
    expect(await resolve(NAME)).toEqual([
      "NOERROR",
      `answer ${NAME} 60 CNAME ${WEB}`,
      `answer ${WEB} 5 CNAME end.up.test.`,
      "answer end.up.test. 60 A 192.0.2.1",
    ]);
  });

  test("round and round between zones ends", async () => {
    const { resolve, root } = start(holding({ [NAME]: { answer: [CNAME(NAME, WEB)] } }), {
      local: localAnswers({ [WEB]: content([record(WEB, 5, "CNAME", NAME)]) }),
    });
    expect(await resolve(NAME)).toEqual(["SERVFAIL"]);
    expect(root.asked).toHaveLength(1);
  });

  test("S33 F29 a chain without end over two routes costs 16 questions at most", async () => {
    const next = (asked: string): string => {
      const [, n, domain] = /^n(\d+)\.(.*)$/.exec(asked)!;
      return `n${Number(n) + 1}.${domain === "a.test." ? "b.test." : "a.test."}`;
    };
    const leading: Saying = (query, asked) => ({ reply: writeReply(query, { answer: [CNAME(asked, next(asked))] }) });
    const { resolve, root, groups } = start(leading, { stubs: { "b.test.": leading } });
    expect(await resolve("n0.a.test.")).toEqual(["SERVFAIL"]);
    expect(root.asked.length + groups.get("b.test.")!.asked.length).toBeLessThanOrEqual(16);
  });

  test("a chain that its own upstream leaves open is given as it is", async () => {
    const { resolve, root } = start(holding({ [NAME]: { answer: [CNAME(NAME, "b.up.test.")] } }));
    expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 60 CNAME b.up.test.`]);
    expect(root.asked).toHaveLength(1);
  });

  test("a CNAME that is asked for is not followed", async () => {
    const { resolve, groups } = start(holding({ [NAME]: { answer: [CNAME(NAME, "db.consul.local.")] } }), {
      stubs: { "consul.local.": right },
    });
    expect(await resolve(NAME, "CNAME")).toEqual(["NOERROR", `answer ${NAME} 60 CNAME db.consul.local.`]);
    expect(groups.get("consul.local.")!.asked).toEqual([]);
  });
});

describe("time", () => {
  test("F20 stale when upstreams fail, which are not asked again for 30 seconds", async () => {
    const { resolve, root, pass, resolver } = start(right);
    await resolve(NAME);
    pass(61);
    root.say = dead;
    const stale = ["NOERROR", `answer ${NAME} 30 A 192.0.2.1`];
    expect(await resolve(NAME)).toEqual(stale);
    pass(29);
    await resolve(NAME);
    expect(resolver.counts).toMatchObject({ asked: 2, stale: 1, missed: 2, hits: { answers: 1, denials: 0 } });
    pass(1);
    expect(await resolve(NAME)).toEqual(stale);
    expect(resolver.counts).toMatchObject({ asked: 3, stale: 2, missed: 3 });
  });

  test("a chain over several upstreams has the time of one question, all of it together", async () => {
    vi.useFakeTimers();
    try {
      const slow: Saying = async (query, asked) => {
        await new Promise((resolve) => setTimeout(resolve, 900));
        const next = `${String.fromCharCode(asked.charCodeAt(0) + 1)}.${String.fromCharCode(asked.charCodeAt(0) + 1)}x.test.`;
        return { reply: writeReply(query, { answer: [CNAME(asked, next)] }) };
      };
      const stubs = Object.fromEntries(["b", "c", "d", "e", "f", "g"].map((letter) => [`${letter}x.test`, slow]));
      const { resolve, resolver } = start(slow, { stubs });
      const answered = resolve("a.up.test.");
      await vi.advanceTimersByTimeAsync(ASK_BUDGET_MS + 1_000);
      expect(await answered).toEqual(["SERVFAIL"]);
      expect(resolver.counts.failed).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("without an upstream nothing fails, and nothing is cached", async () => {
    const { resolve, writer } = start(undefined);
    expect([await resolve(NAME), await resolve(NAME)]).toEqual([["REFUSED"], ["REFUSED"]]);
    expect(writer.count).toBe(0);
  });

  test("F20 stale after a while when upstreams are silent; their late answer is cached", async () => {
    vi.useFakeTimers();
    try {
      const { resolve, root, pass } = start(right);
      await resolve(NAME);
      pass(61);
      const answered = Promise.withResolvers<void>();
      root.say = async (query, asked) => {
        await answered.promise;
        return { reply: writeReply(query, { answer: [A(asked, 60, "192.0.2.9")] }) };
      };
      let settled = false;
      const asked = resolve(NAME).finally(() => (settled = true));
      await vi.advanceTimersByTimeAsync(STALE_AFTER_MS - 10);
      expect(settled).toBe(false);
      await vi.advanceTimersByTimeAsync(10);
      expect(await asked).toEqual(["NOERROR", `answer ${NAME} 30 A 192.0.2.1`]);
      answered.resolve();
      await vi.advanceTimersByTimeAsync(0);
      expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 60 A 192.0.2.9`]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("F21 NXDOMAIN of an upstream that is back replaces the stale answer at once", async () => {
    const { resolve, root, pass } = start(right);
    await resolve(NAME);
    pass(61);
    root.say = dead;
    await resolve(NAME);
    pass(30);
    root.say = holding({});
    expect((await resolve(NAME))[0]).toBe("NXDOMAIN");
    pass(61);
    root.say = dead;
    expect((await resolve(NAME))[0]).toBe("NXDOMAIN");
  });

  test("without stale answers a failure is one", async () => {
    const { resolve, root, pass } = start(right, { staleSeconds: 0 });
    await resolve(NAME);
    pass(61);
    root.say = dead;
    expect(await resolve(NAME)).toEqual(["SERVFAIL"]);
  });

  describe("F22 prefetch", () => {
    async function hot(staleSeconds?: number) {
      const started = start(right, staleSeconds === undefined ? {} : { staleSeconds });
      for (let i = 0; i < 5; i++) await started.resolve(NAME);
      started.pass(55);
      const prefetch = (): void => {
        for (let part = 0; part < 10; part++) started.resolver.prefetch();
      };
      return { ...started, prefetch };
    }

    test("asks once for a hot name that ends soon, and never while it is under way", async () => {
      const { root, prefetch, resolve, resolver } = await hot();
      prefetch();
      prefetch();
      expect(root.asked).toHaveLength(2);
      expect(resolver.counts.prefetched).toBe(1);
      await vi.waitFor(
        async () => expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 60 A 192.0.2.1`]),
        10_000,
      );
      prefetch();
      expect(root.asked).toHaveLength(2);
    });

    test.each([0, 3600])("takes nothing away where it fails (stale answers: %i s)", async (staleSeconds) => {
      const { root, prefetch, resolve, resolver } = await hot(staleSeconds);
      root.say = dead;
      prefetch();
      await vi.waitFor(() => expect(resolver.counts.failed).toBe(1), 10_000);
      await new Promise((resolved) => setImmediate(resolved));
      expect(await resolve(NAME)).toEqual(["NOERROR", `answer ${NAME} 5 A 192.0.2.1`]);
    });
  });
});

describe("F23 AD", () => {
  const signedBy =
    (ad: boolean, ...records: readonly ScriptedRecord[]): Saying =>
    (query) => ({ reply: writeReply(query, { flags: 0x8180 | (ad ? 0x20 : 0), answer: records }) });

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])("of a chain over two upstreams that say %s and %s: %s", async (first, second, whole) => {
    const { resolver } = start(signedBy(first, CNAME(NAME, "db.consul.local.")), {
      stubs: { "consul.local.": signedBy(second, A("db.consul.local.")) },
    });
    expect((await resolver.resolve(key(NAME))).authenticated).toBe(whole);
  });
});

test("F30 the type of a question makes no difference", async () => {
  const rdata = Buffer.from("00c00c01ff", "hex");
  const { resolver } = start((query, owner, type) => ({
    reply: writeReply(query, { answer: [{ owner, type, rdata }] }),
  }));
  for (const type of [64, 65, 65280]) {
    const found = await resolver.resolve(key(NAME, formatType(type)));
    expect(found.answer.map((each) => Buffer.from(each.rdata).toString("hex"))).toEqual([rdata.toString("hex")]);
  }
});
