import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { Clock } from "../../src/std/clock.ts";
import { ANSWER_CLASS, newRateMemory, RateLimiter } from "../../src/answer/rate-limiter.ts";
import { parseCidr, parseIp } from "../../src/net/ip.ts";

const { POSITIVE, NEGATIVE, ERROR } = ANSWER_CLASS;
const EXEMPT = [parseCidr("127.0.0.0/8")!, parseCidr("fd00:10:244::/56")!];
const clientAt = (address: string): KnownClient => new KnownClient("udp", parseIp(address)!);

function start(rate: number, startMs = 0): { limiter: RateLimiter; other: RateLimiter; pass(ms: number): void } {
  const clock = new Clock();
  let nowMs = startMs;
  clock.update(0, nowMs);
  const settings = { rate, exempt: EXEMPT, memory: newRateMemory([1, 2]) };
  return {
    limiter: new RateLimiter(settings, clock),
    other: new RateLimiter(settings, new Clock(clock.memory)),
    pass: (ms) => clock.update(0, (nowMs += ms)),
  };
}

/** How many of `count` answers at once are not over the rate. */
function answered(limiter: RateLimiter, address: string, count: number, answerClass: number = POSITIVE): number {
  let passed = 0;
  for (let i = 0; i < count; i++) if (!limiter.isOver(clientAt(address), answerClass)) passed++;
  return passed;
}

describe("rate limits", () => {
  test("a burst of two and a half seconds' worth, then the rate", () => {
    const { limiter, pass } = start(50);
    expect(answered(limiter, "192.0.2.1", 1000)).toBe(125);
    for (let second = 0; second < 4; second++) {
      let inSecond = 0;
      for (let tick = 0; tick < 10; tick++) {
        pass(100);
        inSecond += answered(limiter, "192.0.2.1", 100);
      }
      expect(inSecond).toBe(50);
    }
    pass(60_000);
    expect(answered(limiter, "192.0.2.1", 1000)).toBe(125);
  });

  test.each([1, 3, 7, 1000])("in the long run, %i a second, however time is cut", (rate) => {
    const { limiter, pass } = start(rate);
    answered(limiter, "192.0.2.1", rate * 10);
    let passed = 0;
    for (let i = 0; i < 1000; i++) {
      pass(37);
      passed += answered(limiter, "192.0.2.1", rate);
    }
    expect(passed).toBeGreaterThanOrEqual(rate * 36);
    expect(passed).toBeLessThanOrEqual(rate * 37);
  });

  test("counted for a /24 or a /56 and a class of answers", () => {
    const { limiter } = start(2);
    expect(answered(limiter, "192.0.2.1", 9)).toBe(5);
    expect(answered(limiter, "192.0.2.254", 9)).toBe(0);
    expect(answered(limiter, "192.0.3.1", 9)).toBe(5);
    expect(answered(limiter, "192.0.2.1", 9, NEGATIVE)).toBe(5);
    expect(answered(limiter, "192.0.2.1", 9, ERROR)).toBe(5);
    expect(answered(limiter, "2001:db8:0:ff00::1", 9)).toBe(5);
    expect(answered(limiter, "2001:db8:0:ffff::2", 9)).toBe(0);
    expect(answered(limiter, "2001:db8:0:fe00::1", 9)).toBe(5);
    expect(answered(limiter, "::ffff:192.0.2.9", 9)).toBe(0);
  });

  test("the exempt, and who is not known, are never limited", () => {
    const { limiter } = start(1);
    expect(answered(limiter, "127.0.0.1", 1000)).toBe(1000);
    expect(answered(limiter, "fd00:10:244:aa::1", 1000)).toBe(1000);
    const nobody = new KnownClient("udp");
    for (let i = 0; i < 10; i++) expect(limiter.isOver(nobody, POSITIVE)).toBe(false);
  });

  test("threads count together", () => {
    const { limiter, other, pass } = start(10);
    expect(answered(limiter, "192.0.2.1", 20) + answered(other, "192.0.2.1", 20)).toBe(25);
    pass(1000);
    expect(answered(other, "192.0.2.1", 6) + answered(limiter, "192.0.2.1", 20)).toBe(10);
  });

  test("a million networks take no more memory, and a steady one among them keeps its count", () => {
    const { limiter, pass } = start(5);
    expect(answered(limiter, "192.0.2.1", 100)).toBe(13);
    const address = Uint8Array.of(0, 0, 0, 1);
    const client = new KnownClient("udp", address);
    let steady = 0;
    for (let i = 0; i < 1_000_000; i++) {
      address[0] = 11 + (i >> 16);
      address[1] = i >> 8;
      address[2] = i;
      limiter.isOver(client, POSITIVE);
      if (i % 1000 === 999) {
        pass(1);
        steady += answered(limiter, "192.0.2.1", 10);
      }
    }
    // One second has passed: its slot, used all the time, is never the idlest of its set for long.
    expect(steady).toBeLessThanOrEqual(40);
  });

  test("the clock may wrap round", () => {
    const { limiter, pass } = start(50, 2 ** 32 - 500);
    expect(answered(limiter, "192.0.2.1", 1000)).toBe(125);
    pass(1000);
    expect(answered(limiter, "192.0.2.1", 1000)).toBe(50);
  });
});
