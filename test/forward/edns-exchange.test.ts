// EDNS and its absence at an upstream that a function plays, without sockets, on a clock that the test moves.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EdnsExchange } from "../../src/forward/edns-exchange.ts";
import type { Exchange, ExchangeResult } from "../../src/forward/exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

const QUESTION = { name: name("www.up.test."), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
const QUERY = writeUpstreamQuery(QUESTION);
const SECURE_QUERY = writeUpstreamQuery({ ...QUESTION, dnssecOk: true });
const MINUTE_MS = 60_000;
/** As a group repeats a query. */
const REPEATS_MS = [0, 1_000, 1_500, 2_000];
const BUDGET_MS = 3_800;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What becomes of a query: a reply, a fault, or silence; after `afterMs`. */
type Saying = (query: Buffer, hasEdns: boolean, nth: number) => (ExchangeResult & { afterMs?: number }) | undefined;

class Played implements Exchange {
  /** Whether each query had EDNS, and the time that it had. */
  readonly taken: boolean[] = [];
  readonly times: number[] = [];
  say: Saying;
  constructor(say: Saying) {
    this.say = say;
  }
  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const hasEdns = readMessage(Buffer.from(query)).opt !== undefined;
    this.taken.push(hasEdns);
    this.times.push(withinMs);
    const said = this.say(Buffer.from(query), hasEdns, this.taken.length - 1);
    const { afterMs = said === undefined ? Infinity : 1, ...result } = said ?? { fault: "timeout" as const };
    await new Promise((resolve) => setTimeout(resolve, Math.min(afterMs, withinMs)));
    return afterMs > withinMs ? { fault: "timeout" } : result;
  }
  close(): void {}
}

function start(say: Saying, usesEdns?: boolean) {
  const upstream = new Played(say);
  const onPlain = vi.fn();
  const exchange = new EdnsExchange(upstream, () => performance.now(), usesEdns, onPlain);
  /** One query; what comes of it, and after how long. */
  const ask = async (query = QUERY, withinMs = 1_000): Promise<{ result: ExchangeResult; ms: number }> => {
    const startMs = performance.now();
    const asked = exchange.exchange(query, withinMs).then((result) => ({ result, ms: performance.now() - startMs }));
    for (let left = withinMs; left >= 0; left -= 50) await vi.advanceTimersByTimeAsync(50);
    return asked;
  };
  /** One question, repeated as a group does; after how long it is answered, milliseconds; Infinity: never. */
  const askAgain = async (query = QUERY): Promise<number> => {
    let answeredMs = Infinity;
    const startMs = performance.now();
    const end = (result: ExchangeResult): void => {
      if ("reply" in result) answeredMs = Math.min(answeredMs, performance.now() - startMs);
    };
    for (let atMs = 0; atMs < BUDGET_MS && answeredMs === Infinity; atMs += 50) {
      if (REPEATS_MS.includes(atMs)) void exchange.exchange(query, BUDGET_MS - atMs).then(end);
      await vi.advanceTimersByTimeAsync(50);
    }
    return answeredMs;
  };
  return { upstream, exchange, ask, askAgain, onPlain };
}

const right: Saying = (query) => ({ reply: rightAnswer(query) });
const saying =
  (reply: ScriptedReply, without?: ScriptedReply): Saying =>
  (query, hasEdns) => {
    const said = hasEdns ? reply : without;
    return { reply: said === undefined ? rightAnswer(query) : writeReply(query, said) };
  };
/** Loses queries and replies by `loses` of the number of the query. */
const lossy =
  (loses: (nth: number) => boolean): Saying =>
  (query, _, nth) =>
    loses(nth) ? undefined : { reply: rightAnswer(query) };
const dropsEdns: Saying = (query, hasEdns) => (hasEdns ? undefined : { reply: rightAnswer(query) });

describe("an upstream that rejects EDNS", () => {
  test.each<[string, ScriptedReply]>([
    ["FORMERR without OPT", { rcode: 1, edns: false }],
    ["FORMERR as a header alone", { rcode: 1, headerOnly: true }],
    ["FORMERR with the OPT of the query", { rcode: 1 }],
    ["NOTIMP without OPT", { rcode: 4, edns: false }],
    ["BADVERS", { rcode: 16 }],
  ])("F12 %s: asked once more without, which is remembered for 15 minutes", async (_, reply) => {
    const { ask, upstream, onPlain } = start(saying(reply));
    const { result } = await ask();
    expect("reply" in result && readMessage(Buffer.from(result.reply)).answer.length).toBe(1);
    expect(onPlain).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(14 * MINUTE_MS);
    await ask();
    expect(upstream.taken).toEqual([true, false, false]);
    vi.advanceTimersByTime(MINUTE_MS);
    await ask();
    expect(upstream.taken).toEqual([true, false, false, true, false]);
  });

  test("one that can't answer without either has said nothing of EDNS", async () => {
    const { ask, upstream } = start(saying({ rcode: 4, edns: false }, { rcode: 4 }));
    for (let i = 0; i < 2; i++) expect((await ask()).result).toHaveProperty("reply");
    expect(upstream.taken).toEqual([true, false, true, false]);
  });

  test.each<[string, ScriptedReply]>([
    ["an answer without OPT", { edns: false }],
    ["SERVFAIL without OPT", { rcode: 2, edns: false }],
    ["REFUSED with OPT", { rcode: 5 }],
  ])("%s is no rejection of EDNS", async (_, reply) => {
    const { ask, upstream } = start(saying(reply));
    await ask();
    expect(upstream.taken).toEqual([true]);
  });

  test("the second query has the time that is left; a fault goes on as it is", async () => {
    const { ask, upstream } = start((query, hasEdns) =>
      hasEdns ? { reply: writeReply(query, { rcode: 1, edns: false }), afterMs: 400 } : undefined,
    );
    expect((await ask()).result).toEqual({ fault: "timeout" });
    expect(upstream.times).toEqual([1_000, 600]);
    expect(upstream.taken).toEqual([true, false]);
  });
});

describe("an upstream that drops queries with EDNS", () => {
  test("answers the first question when it is repeated, and the next ones at once", async () => {
    const { askAgain } = start(dropsEdns);
    expect(await askAgain()).toBeLessThan(1_100);
    for (let i = 0; i < 20; i++) expect(await askAgain()).toBeLessThan(5);
  });

  test("is asked without it alone when that is proven, for 15 minutes", async () => {
    const { askAgain, upstream, onPlain } = start(dropsEdns);
    for (let i = 0; i < 12; i++) {
      await askAgain();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(onPlain).toHaveBeenCalledTimes(1);
    const before = upstream.taken.length;
    for (let i = 0; i < 14; i++) {
      await askAgain();
      vi.advanceTimersByTime(MINUTE_MS);
    }
    expect(upstream.taken.slice(before)).not.toContain(true);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(await askAgain()).toBeLessThan(5);
    expect(upstream.taken.slice(before)).toContain(true);
  });

  test("is asked with it again when it answers, after that time", async () => {
    const { askAgain, upstream } = start(dropsEdns);
    for (let i = 0; i < 12; i++) {
      await askAgain();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    upstream.say = right;
    vi.advanceTimersByTime(16 * MINUTE_MS);
    await askAgain();
    const before = upstream.taken.length;
    await askAgain();
    expect(upstream.taken.slice(before)).toEqual([true]);
  });

  test("a thousand questions at one time are one sign", async () => {
    const { exchange, askAgain, upstream } = start(dropsEdns);
    for (let second = 0; second < 3; second++) {
      for (let i = 0; i < 1_000; i++) void exchange.exchange(QUERY, BUDGET_MS);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    upstream.say = right;
    await askAgain();
    const before = upstream.taken.length;
    await askAgain();
    expect(upstream.taken.slice(before)).toEqual([true]);
  });

  test.each<[what: string, fault: ExchangeResult]>([
    ["cuts the reply, and TCP fails", { fault: "truncated" }],
    ["sends half a message", { fault: "garbage" }],
    ["closes the connection", { fault: "closed" }],
  ])("one that %s instead is asked without at once, and in the end alone", async (_, fault) => {
    const { ask, upstream } = start((query, hasEdns) => (hasEdns ? fault : { reply: rightAnswer(query) }));
    for (let i = 0; i < 12; i++) expect(await ask()).toMatchObject({ result: { reply: expect.anything() as object } });
    const before = upstream.taken.length;
    await ask();
    expect(upstream.taken.slice(before)).toEqual([false]);
  });

  test("a fault of both is the first one", async () => {
    const { ask } = start((_, hasEdns) => ({ fault: hasEdns ? "truncated" : "closed" }));
    expect((await ask()).result).toEqual({ fault: "truncated" });
  });
});

describe("an upstream that knows EDNS", () => {
  test.each<[what: string, loses: (nth: number) => boolean]>([
    ["every second packet", (nth) => nth % 2 === 0],
    ["every second packet, the others", (nth) => nth % 2 === 1],
    ["two of three packets", (nth) => nth % 3 > 0],
    ["three in a row of six", (nth) => nth % 6 < 3],
    ["a fifth of the packets", randomly(0.2)],
    ["a third of the packets", randomly(0.33)],
  ])("and loses %s is never taken for one without", async (_, loses) => {
    const { askAgain, upstream, onPlain } = start(lossy(loses));
    for (let i = 0; i < 300; i++) {
      await askAgain();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(onPlain).not.toHaveBeenCalled();
    upstream.say = right;
    await askAgain();
    await askAgain();
    const before = upstream.taken.length;
    await askAgain();
    expect(upstream.taken.slice(before)).toEqual([true]);
  });

  test.each([60, 3_600])("and was away for %i seconds is asked with EDNS when it is back", async (seconds) => {
    const { askAgain, upstream } = start(lossy(() => true));
    for (let i = 0; i < seconds / 60; i++) {
      expect(await askAgain()).toBe(Infinity);
      vi.advanceTimersByTime(MINUTE_MS);
    }
    upstream.say = right;
    for (let i = 0; i < 3; i++) expect(await askAgain()).toBeLessThan(1_100);
    expect(upstream.taken.at(-1)).toBe(true);
  });

  test.each([300, 950, 1_200, 2_500])("and takes %i ms for each answer too", async (afterMs) => {
    const { askAgain, upstream } = start((query) => ({ reply: rightAnswer(query), afterMs }));
    for (let i = 0; i < 40; i++) {
      expect(await askAgain()).toBeLessThanOrEqual(afterMs + 50);
      await vi.advanceTimersByTimeAsync(5_000);
    }
    upstream.say = right;
    for (let i = 0; i < 3; i++) await askAgain();
    expect(upstream.taken.at(-1)).toBe(true);
  });

  test("gives the signatures that are asked for, a little later than the answer without", async () => {
    const { exchange, ask } = start((query, hasEdns, nth) => {
      if (nth === 0) return undefined;
      return hasEdns ? { reply: rightAnswer(query), afterMs: 100 } : { reply: writeReply(query, { edns: false }) };
    });
    void exchange.exchange(SECURE_QUERY, BUDGET_MS);
    await vi.advanceTimersByTimeAsync(1_000);
    const { result } = await ask(SECURE_QUERY);
    expect("reply" in result && readMessage(Buffer.from(result.reply)).opt).toBeDefined();
  });
});

test("an upstream that is known to be without EDNS is never asked with it", async () => {
  const { ask, upstream } = start(right, false);
  for (let i = 0; i < 3; i++) {
    await ask();
    vi.advanceTimersByTime(60 * MINUTE_MS);
  }
  expect(upstream.taken).toEqual([false, false, false]);
});

/** True so often, in an order without a pattern that is the same each time. */
function randomly(share: number): () => boolean {
  let seed = 7;
  return () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) / 2 ** 24 < share;
  };
}
