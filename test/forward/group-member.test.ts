// One upstream that comes and goes: its probes and its counts, with a clock and an exchange that the test moves.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Exchange, ExchangeResult } from "../../src/forward/exchange.ts";
import { GroupMember } from "../../src/forward/group-member.ts";
import { withId, writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import type { Upstream } from "../../src/net/upstream.ts";
import { name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

const UPSTREAM: Upstream = { text: "up", protocol: "udp", host: "192.0.2.53", port: 53 };
const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When, on the fake clock, each query came; `say` is what happens to the next ones. */
class Played implements Exchange {
  readonly taken: { atMs: number; name: string | undefined }[] = [];
  say: (query: Buffer) => ExchangeResult | Promise<ExchangeResult> = () => ({ fault: "refused" });
  closed = false;
  async exchange(query: Uint8Array): Promise<ExchangeResult> {
    const bytes = Buffer.from(withId(query, 1));
    this.taken.push({ atMs: Date.now(), name: readMessage(bytes).question?.name });
    return this.say(bytes);
  }
  close(): void {
    this.closed = true;
  }
}

function start() {
  const exchange = new Played();
  let mismatch = (): void => undefined;
  const open = (onMismatch: () => void): Exchange => {
    mismatch = onMismatch;
    return exchange;
  };
  const member = new GroupMember(UPSTREAM, open, () => Date.now());
  vi.setSystemTime(0);
  return { exchange, member, mismatch: () => mismatch() };
}

describe("probes", () => {
  test("X17 X22 begin when it goes down, go on each second, and end when it is back", async () => {
    const { exchange, member } = start();
    await member.ask(QUERY, 1_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(exchange.taken).toHaveLength(1);
    const downAt = Date.now();
    await member.ask(QUERY, 1_000);
    await vi.advanceTimersByTimeAsync(6_000);
    const probes = exchange.taken.slice(2);
    expect(probes.map(({ atMs }) => atMs - downAt)).toEqual([500, 1_500, 2_500, 3_500, 4_500, 5_500]);
    expect(new Set(probes.map((probe) => probe.name))).toEqual(new Set(["."]));
    expect(member.state).toBe("dead");

    exchange.say = (query) => ({ reply: writeReply(query) });
    await vi.advanceTimersByTimeAsync(1_000);
    const { counts } = member.health;
    expect([exchange.taken.length, member.state]).toEqual([9, "up"]);
    // Of the probes only these two numbers tell.
    expect(counts).toMatchObject({ probes: 7, failedProbes: 6, queries: 2, failures: new Map([["refused", 2]]) });
    expect(counts.replies.size).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(exchange.taken).toHaveLength(9);
  });

  test("a client's answer ends them too", async () => {
    const { exchange, member } = start();
    await member.ask(QUERY, 1_000);
    await member.ask(QUERY, 1_000);
    exchange.say = (query) => ({ reply: rightAnswer(query) });
    await member.ask(QUERY, 1_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([exchange.taken.length, member.state]).toEqual([3, "up"]);
  });

  test("silence keeps it down, and after four seconds dead", async () => {
    const { exchange, member } = start();
    exchange.say = () => new Promise((resolve) => setTimeout(() => resolve({ fault: "timeout" }), 1_000));
    await vi.advanceTimersByTimeAsync(1_000);
    member.recordSilence(0);
    member.recordSilence(0);
    expect(member.state).toBe("down");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(member.state).toBe("dead");
    expect(exchange.taken.map(({ atMs }) => atMs)).toEqual([1_500, 3_500]);
  });

  test("closing ends them", async () => {
    const { exchange, member } = start();
    await member.ask(QUERY, 1_000);
    await member.ask(QUERY, 1_000);
    member.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([exchange.taken.length, exchange.closed]).toEqual([2, true]);
  });
});

test("counts", async () => {
  const { exchange, member, mismatch } = start();
  exchange.say = (query) => ({ reply: writeReply(query, { rcode: 23 }) });
  await member.ask(QUERY, 1_000);
  exchange.say = (query) => {
    vi.advanceTimersByTime(250);
    return { reply: rightAnswer(query) };
  };
  await member.ask(QUERY, 1_000);
  for (const rcode of [12, 14]) {
    exchange.say = (query) => ({ reply: writeReply(query, { rcode }) });
    await member.ask(QUERY, 1_000);
  }
  for (const fault of ["garbage", "truncated", "busy", "tls", "timeout"] as const) {
    exchange.say = () => ({ fault });
    expect(await member.ask(QUERY, 1_000)).toEqual({ fault });
  }
  // The caller records a silence that is too long.
  member.recordSilence(Date.now());
  mismatch();
  const failures = new Map(["garbage", "truncated", "busy", "tls", "timeout"].map((cause) => [cause, 1]));
  const others = { mismatches: 1, probes: 0, failedProbes: 0 };
  const { replies, ...counts } = member.health.counts;
  expect(counts).toEqual({ queries: 9, failures, ...others });
  expect([...replies].map(([rcode, times]) => [rcode, times.copy().sum])).toEqual([
    ["BADCOOKIE", 0],
    ["NOERROR", 0.25],
    ["other", 0],
  ]);
  expect(member.state).toBe("up");
});
