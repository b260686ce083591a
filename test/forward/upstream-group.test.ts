// Several upstreams that stand in for each other: scripted ones on real sockets.
import { afterEach, describe, expect, test } from "vitest";
import { openExchange } from "../../src/forward/open-exchange.ts";
import { ASK_BUDGET_MS, UpstreamGroup } from "../../src/forward/upstream-group.ts";
import type { GroupResult } from "../../src/forward/upstream-group.ts";
import type { UpstreamPolicy } from "../../src/net/upstream.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import type { Upstream } from "../../src/net/upstream.ts";
import { until } from "../contract/transport-clients.ts";
import { ScriptedUpstream, answerOf, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { Script, ScriptedSettings } from "../support/scripted-upstream.ts";
import { expectMsBelow } from "../support/timing.ts";
import { readMessage } from "../support/wire.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});
const RIGHT = ["A 192.0.2.1"];
const right: Script = ({ query }) => [{ bytes: rightAnswer(query) }];
const silent: Script = () => [];
const failing =
  (rcode: number): Script =>
  ({ query }) => [{ bytes: writeReply(query, { rcode }) }];
/** A reply with TC over UDP; that over TCP. */
const cutting =
  (tcp: Script): Script =>
  (asked, nth) =>
    asked.transport === "udp" ? [{ bytes: writeReply(asked.query, { flags: 0x8380 }) }] : tcp(asked, nth);
const late =
  (afterMs: number): Script =>
  ({ query }) => [{ bytes: rightAnswer(query), afterMs }];

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function open(script: Script, settings?: ScriptedSettings): Promise<ScriptedUpstream> {
  const upstream = await ScriptedUpstream.open(script, settings);
  cleanUp.push(() => upstream.close());
  return upstream;
}

function groupOf(upstreams: readonly Upstream[], policy: UpstreamPolicy = "sequential"): UpstreamGroup {
  const now = (): number => performance.now();
  const group = new UpstreamGroup(upstreams, policy, {
    now,
    open: (upstream, onMismatch) => openExchange(upstream, { mixedCase: false, onMismatch, now }),
  });
  cleanUp.push(() => group.close());
  return group;
}

/** Each script at an upstream of its own; `undefined`: nothing listens there. */
async function start(scripts: readonly (Script | undefined)[], policy?: UpstreamPolicy) {
  const upstreams = await Promise.all(scripts.map((script) => open(script ?? silent)));
  for (const [i, upstream] of upstreams.entries()) if (scripts[i] === undefined) await upstream.close();
  return {
    upstreams,
    group: groupOf(
      upstreams.map(({ upstream }) => upstream),
      policy,
    ),
  };
}

async function ask(group: UpstreamGroup): Promise<{ result: GroupResult; said: unknown; ms: number }> {
  const startMs = performance.now();
  const result = await group.ask(QUERY);
  const said = "reply" in result ? answerOf(result.reply) : result.fault;
  return { result, said, ms: performance.now() - startMs };
}

/** Queries of clients: probes ask for the root. */
const asked = ({ taken }: ScriptedUpstream): number => taken.filter(({ query }) => query[12] !== 0).length;
const states = (group: UpstreamGroup): string[] => group.status().map(({ state }) => state);

describe("on to the next", () => {
  test("X17 refused: at once, and after two of them not asked any more", async () => {
    const { group, upstreams } = await start([undefined, right]);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { said, ms } = await ask(group);
      expect(said).toEqual(RIGHT);
      times.push(ms);
    }
    // Not the longest: a busy machine may stop for longer at any time.
    expectMsBelow(Math.min(...times.slice(0, 2)), 50);
    expect(states(group)).toEqual(["dead", "up"]);
    expect(group.status()[0]?.counts).toMatchObject({ queries: 2, failures: new Map([["refused", 2]]) });

    const back = await open(right, { port: upstreams[0]!.port });
    await until(() => states(group)[0] === "up", "the probe's answer");
    expect((await ask(group)).result).toMatchObject({ upstream: upstreams[0]!.upstream });
    expect(asked(back)).toBe(1);
  });

  test("X18 silence: after a second, and after two of them not asked any more", async () => {
    const { group, upstreams } = await start([silent, right]);
    for (let i = 0; i < 2; i++) {
      const { said, ms } = await ask(group);
      expect(said).toEqual(RIGHT);
      expect(ms).toBeGreaterThan(990);
      expectMsBelow(ms, 1_500);
    }
    expect(states(group)).toEqual(["down", "up"]);
    for (let i = 0; i < 10; i++) expect((await ask(group)).said).toEqual(RIGHT);
    expect(asked(upstreams[0]!)).toBe(2);
    expect(group.status()[0]?.counts.failures).toEqual(new Map([["timeout", 2]]));
  });

  test.each([
    ["SERVFAIL", failing(2)],
    ["REFUSED", failing(5)],
    ["NOTIMP", failing(4)],
    ["F08 a header alone", ({ query }) => [{ bytes: writeReply(query, { headerOnly: true }) }]],
    ["F09 a reply that is cut", ({ query }) => [{ bytes: rightAnswer(query).subarray(0, -14) }]],
  ] as [string, Script][])("F14 %s: at once", async (_, script) => {
    const { group, upstreams } = await start([script, right]);
    const { said, result, ms } = await ask(group);
    expect(said).toEqual(RIGHT);
    expect(result).toMatchObject({ upstream: upstreams[1]!.upstream });
    expectMsBelow(ms, 900);
    // It is there, and has answered.
    expect(states(group)).toEqual(["up", "up"]);
  });

  test.each([
    ["NXDOMAIN", failing(3), "NXDOMAIN"],
    ["F08 NOERROR without anything", failing(0), "NOERROR"],
  ] as [string, Script, string][])("%s is an answer", async (_, script, rcode) => {
    const { group, upstreams } = await start([script, right]);
    expect((await ask(group)).said).toEqual([]);
    expect(asked(upstreams[1]!)).toBe(0);
    expect([...group.status()[0]!.counts.replies.keys()]).toEqual([rcode]);
  });

  test("all fail: the last failure is given back, each was asked once", async () => {
    const { group, upstreams } = await start([failing(5), failing(2)]);
    const { result } = await ask(group);
    expect("reply" in result && readMessage(Buffer.from(result.reply)).rcode).toBe("SERVFAIL");
    expect(upstreams.map(asked)).toEqual([1, 1]);
  });

  test("X24 truncated everywhere and no TCP: a fault at once", async () => {
    const upstream = await open(({ query }) => [{ bytes: writeReply(query, { flags: 0x8380 }) }], { serve: "udp" });
    const group = groupOf([{ ...upstream.upstream, protocol: "udp" }]);
    for (let i = 0; i < 3; i++) expect((await ask(group)).said).toBe("truncated");
    expect(states(group)).toEqual(["up"]);
  });
});

describe("within the budget", () => {
  test("F14 S33 all silent: over in less than four seconds, within twice the upstreams in queries", async () => {
    const { group, upstreams } = await start([silent, silent]);
    const startMs = performance.now();
    const { said, ms } = await ask(group);
    expect(said).toBe("timeout");
    expect(ms).toBeGreaterThan(ASK_BUDGET_MS - 10);
    expect(ASK_BUDGET_MS).toBeLessThan(4_000);
    expectMsBelow(ms, ASK_BUDGET_MS + 500);
    expect(upstreams.map(asked)).toEqual([2, 2]);
    const [first, second] = upstreams.map(({ taken }) => taken.filter(({ query }) => query[12] !== 0));
    const steps = [first![0]!, second![0]!, first![1]!].map(({ atMs }) => atMs - startMs);
    expect(steps[1]).toBeGreaterThan(990);
    expect(steps[2]).toBeGreaterThan(1_490);
  });

  test.each<[what: string, withEdns: Script]>([
    ["drops the query", silent],
    ["cuts the reply, and is silent over TCP", cutting(() => [])],
    ["cuts the reply, and ends the TCP connection", cutting(() => [{ end: true }])],
    ["sends half a message", ({ query }) => [{ bytes: rightAnswer(query).subarray(0, -14) }]],
    ["sends half a header", ({ query }) => [{ bytes: query.subarray(0, 6) }]],
    ["rejects with FORMERR", failing(1)],
    ["rejects with NOTIMP", failing(4)],
    ["rejects with BADVERS", failing(16)],
  ])(
    "a lone upstream that %s when asked with EDNS answers the first question too, and then at once",
    async (_, script) => {
      const { group } = await start([
        (asked, nth) => (readMessage(asked.query).opt === undefined ? right(asked, nth) : script(asked, nth)),
      ]);
      const first = await Promise.all(Array.from({ length: 20 }, () => ask(group)));
      for (const { said, ms } of first) {
        expect(said).toEqual(RIGHT);
        expect(ms).toBeLessThan(ASK_BUDGET_MS);
      }
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        const next = await ask(group);
        expect(next.said).toEqual(RIGHT);
        times.push(next.ms);
      }
      expectMsBelow(Math.min(...times), 50);
    },
  );

  test("X19 a lone upstream that takes 1.9 s is waited for, and stays in use", async () => {
    const { group, upstreams } = await start([late(1_900)]);
    const results = await Promise.all(Array.from({ length: 50 }, () => ask(group)));
    expect(results.map(({ said }) => said)).toEqual(Array(50).fill(RIGHT));
    expect(states(group)).toEqual(["up"]);
    expect((await ask(group)).said).toEqual(RIGHT);
    expect(asked(upstreams[0]!)).toBeLessThanOrEqual(51 * 4);
  });

  test("the slow one's answer counts too when it comes first", async () => {
    const { group, upstreams } = await start([late(1_200), late(2_000)]);
    const { result, ms } = await ask(group);
    expect(result).toMatchObject({ upstream: upstreams[0]!.upstream });
    expectMsBelow(ms, 1_900);
  });
});

describe("no upstream is up", () => {
  test("X23 dead: one question a second is tried, the others fail at once; back at the first answer", async () => {
    const { group, upstreams } = await start([undefined]);
    for (let i = 0; i < 2; i++) expect((await ask(group)).said).toBe("refused");
    expect(states(group)).toEqual(["dead"]);
    expect((await ask(group)).said).toBe("refused");
    const { counts } = group.status()[0]!;
    const before = counts.queries;
    const results = await Promise.all(Array.from({ length: 1_000 }, () => ask(group)));
    expect(new Set(results.map(({ said }) => said))).toEqual(new Set(["unreachable"]));
    expect(results[0]!.result).toMatchObject({ down: [{ upstream: upstreams[0]!.upstream, cause: "refused" }] });
    expect(counts.queries).toBe(before);
    await open(right, { port: upstreams[0]!.port });
    await until(() => states(group)[0] === "up", "the first answer");
    expect((await ask(group)).said).toEqual(RIGHT);
  });

  test("the question that is tried goes to all of them", async () => {
    const { group, upstreams } = await start([undefined, undefined]);
    for (let i = 0; i < 2; i++) expect((await ask(group)).said).toBe("refused");
    await open(right, { port: upstreams[1]!.port });
    expect((await ask(group)).said).toEqual(RIGHT);
  });

  test("no upstreams at all", async () => {
    expect((await ask(groupOf([]))).said).toBe("unreachable");
  });

  test("closing ends what is outstanding", async () => {
    const { group } = await start([silent, silent]);
    const pending = ask(group);
    group.close();
    expect((await pending).said).toBe("closed");
  });
});

describe("policies", () => {
  test.each<[UpstreamPolicy, (counts: readonly number[]) => boolean]>([
    ["sequential", ([a, b]) => a === 40 && b === 0],
    ["round-robin", ([a, b]) => a === 20 && b === 20],
    ["random", ([a, b]) => a! > 4 && b! > 4],
  ])("%s", async (policy, fits) => {
    const { group, upstreams } = await start([right, right], policy);
    for (let i = 0; i < 40; i++) expect((await ask(group)).said).toEqual(RIGHT);
    expect(upstreams.map(asked)).toSatisfy(fits);
  });

  test("fastest: the quick one, once both times are known", async () => {
    const { group, upstreams } = await start([late(30), right], "fastest");
    for (let i = 0; i < 40; i++) expect((await ask(group)).said).toEqual(RIGHT);
    expect(asked(upstreams[1]!)).toBeGreaterThan(25);
  });
});

test("X20 garbage of all sorts: no exception, and a reply to every question", async () => {
  let seed = 1;
  const random = (n: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % n;
  const garbling: Script = ({ query }) => {
    const reply = rightAnswer(query);
    for (let i = random(4); i >= 0; i--) reply[random(reply.length)] = random(256);
    return [{ bytes: reply.subarray(0, reply.length - random(3) * 5) }];
  };
  const { group } = await start([garbling, right]);
  // Some of the garbage looks like a reply, and whoever reads its records refuses it.
  const results = await Promise.all(Array.from({ length: 500 }, () => group.ask(QUERY)));
  expect(results.every((result) => "reply" in result)).toBe(true);
  expect(group.status()[0]!.counts.mismatches).toBeGreaterThan(0);
});

test.each([
  ["little", 10, 4],
  ["much", 3_000, 2],
])("an upstream with %s to do is tried a few times about a name that it does not answer", async (_, count, tries) => {
  let sent = 0;
  const group = new UpstreamGroup([{ text: "fake", protocol: "udp", host: "127.0.0.1", port: 1 }], "sequential", {
    now: () => performance.now(),
    open: () => ({
      exchange: (query, timeoutMs) => {
        if (query[12] !== 0) sent++;
        return new Promise((resolve) => setTimeout(() => resolve({ fault: "timeout" }), timeoutMs));
      },
      close: () => undefined,
    }),
  });
  cleanUp.push(() => group.close());
  await Promise.all(Array.from({ length: count }, () => group.ask(QUERY)));
  expect(sent).toBe(count * tries);
});
