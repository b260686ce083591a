// EDNS and its absence at an upstream that a script plays without sockets.
import { describe, expect, test } from "vitest";
import { EdnsExchange } from "../../src/forward/edns-exchange.ts";
import type { Exchange, ExchangeResult } from "../../src/forward/exchange.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});
const MINUTE_MS = 60_000;

class Scripted implements Exchange {
  /** Whether each query had EDNS, and the time that it had. */
  readonly taken: boolean[] = [];
  readonly times: number[] = [];
  readonly #reply: (query: Buffer, hasEdns: boolean) => ExchangeResult;
  constructor(reply: (query: Buffer, hasEdns: boolean) => ExchangeResult) {
    this.#reply = reply;
  }
  exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const hasEdns = readMessage(Buffer.from(query)).opt !== undefined;
    this.taken.push(hasEdns);
    this.times.push(withinMs);
    return Promise.resolve(this.#reply(Buffer.from(query), hasEdns));
  }
  close(): void {}
}

function start(withEdns: ScriptedReply, without?: ScriptedReply) {
  const upstream = new Scripted((query, hasEdns) => {
    const reply = hasEdns ? withEdns : without;
    return { reply: reply === undefined ? rightAnswer(query) : writeReply(query, reply) };
  });
  const clock = { now: 0 };
  return { upstream, clock, exchange: new EdnsExchange(upstream, () => clock.now) };
}

describe("an upstream that does not know EDNS", () => {
  test.each<[string, ScriptedReply]>([
    ["FORMERR without OPT", { rcode: 1, edns: false }],
    ["FORMERR as a header alone", { rcode: 1, headerOnly: true }],
    ["NOTIMP without OPT", { rcode: 4, edns: false }],
    ["BADVERS", { rcode: 16 }],
  ])("F12 %s: asked once more without, which is remembered for 15 minutes", async (_, reply) => {
    const { exchange, upstream, clock } = start(reply);
    const result = await exchange.exchange(QUERY, 1_000);
    expect("reply" in result && readMessage(Buffer.from(result.reply)).answer.length).toBe(1);
    clock.now = 14 * MINUTE_MS;
    await exchange.exchange(QUERY, 1_000);
    expect(upstream.taken).toEqual([true, false, false]);
    clock.now = 15 * MINUTE_MS;
    await exchange.exchange(QUERY, 1_000);
    expect(upstream.taken).toEqual([true, false, false, true, false]);
  });

  test("one that can't answer without either has said nothing of EDNS", async () => {
    const { exchange, upstream } = start({ rcode: 4, edns: false }, { rcode: 4 });
    for (let i = 0; i < 2; i++) expect(await exchange.exchange(QUERY, 1_000)).toHaveProperty("reply");
    expect(upstream.taken).toEqual([true, false, true, false]);
  });

  test.each<[string, ScriptedReply]>([
    ["an answer without OPT", { edns: false }],
    ["FORMERR with OPT", { rcode: 1 }],
    ["SERVFAIL without OPT", { rcode: 2, edns: false }],
  ])("%s is no rejection of EDNS", async (_, reply) => {
    const { exchange, upstream } = start(reply);
    await exchange.exchange(QUERY, 1_000);
    expect(upstream.taken).toEqual([true]);
  });

  test("the second query has the time that is left; a fault goes on as it is", async () => {
    const clock = { now: 0 };
    const upstream = new Scripted((query, hasEdns) => {
      clock.now += 400;
      return hasEdns ? { reply: writeReply(query, { rcode: 1, edns: false }) } : { fault: "timeout" };
    });
    const exchange = new EdnsExchange(upstream, () => clock.now);
    expect(await exchange.exchange(QUERY, 1_000)).toEqual({ fault: "timeout" });
    expect(upstream.times).toEqual([1_000, 600]);
    expect(upstream.taken).toEqual([true, false]);
  });
});
