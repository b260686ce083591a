import { describe, expect, test } from "vitest";
import { SLOW_AFTER_MS, SLOW_MARKS, SlowDomains } from "../../src/forward/slow-domains.ts";
import { wire } from "../support/core/table.ts";

const QUICK_MS = 10;

/** Records names of `domain`, none twice. */
function record(domains: SlowDomains, domain: string, count: number, tookMs: number, now = 0): void {
  for (let i = 0; i < count; i++) domains.record(wire(`n${i}.${domain}`), tookMs, now);
}

describe("a domain is slow", () => {
  test("when many of its names are, by whatever name is asked next", () => {
    const domains = new SlowDomains([1, 2]);
    record(domains, "slow.example.", SLOW_MARKS - 1, SLOW_AFTER_MS);
    expect(domains.has(wire("new.slow.example."), 0)).toBe(false);
    domains.record(wire("another.SLOW.example."), SLOW_AFTER_MS, 0);
    for (const name of ["new.slow.example.", "NEW.Slow.Example.", "a.b.c.d.e.f.g.slow.example.", "slow.example."])
      expect(domains.has(wire(name), 0), name).toBe(true);
    for (const name of ["new.good.example.", "example.", "slow.example.com.", "."])
      expect(domains.has(wire(name), 0), name).toBe(false);
  });

  test.each([
    ["n0.dead.co.uk.", "www.good.co.uk.", false],
    ["n0.dead.com.au.", "www.good.com.au.", false],
    ["n0.dead.x.de.", "www.dead.x.de.", true],
    ["n0.a.example.com.", "www.b.example.com.", true],
    ["n0.example.", "n1.example.", false],
    ["uk.", "uk.", true],
    [".", ".", true],
  ])("%s says something about %s: %s", (slow, other, expected) => {
    const domains = new SlowDomains([1, 2]);
    for (let i = 0; i < SLOW_MARKS; i++) domains.record(wire(slow), SLOW_AFTER_MS, 0);
    expect(domains.has(wire(other), 0)).toBe(expected);
  });

  test("not while one of ten of its names is answered quickly", () => {
    const domains = new SlowDomains([1, 2]);
    for (let i = 0; i < 1_000; i++) {
      domains.record(wire(`n${i}.busy.example.`), i % 10 === 0 ? QUICK_MS : SLOW_AFTER_MS, i);
      expect(domains.has(wire("new.busy.example."), i)).toBe(false);
    }
  });

  test("until some of its names are answered quickly", () => {
    const domains = new SlowDomains([1, 2]);
    record(domains, "slow.example.", 2_000, SLOW_AFTER_MS);
    record(domains, "slow.example.", 3, QUICK_MS);
    expect(domains.has(wire("new.slow.example."), 0)).toBe(false);
  });

  test("until it has not been asked for a while", () => {
    const domains = new SlowDomains([1, 2]);
    record(domains, "slow.example.", SLOW_MARKS, SLOW_AFTER_MS);
    const times = [9_999, 10_000, 10_000_000];
    expect(domains.hasMarks).toBe(true);
    expect(times.map((now) => domains.has(wire("new.slow.example."), now))).toEqual([true, false, false]);
    expect(domains.hasMarks).toBe(false);
  });
});

test("a flood of domains in which nothing is slow twice makes none slow, and one that is slow stays so", () => {
  const domains = new SlowDomains([1, 2]);
  record(domains, "slow.example.", 200, SLOW_AFTER_MS);
  for (let i = 0; i < 20_000; i++) domains.record(wire(`www.n${i}.example.`), SLOW_AFTER_MS, 0);
  expect(domains.has(wire("new.slow.example."), 0)).toBe(true);
  const wrong = Array.from({ length: 1_000 }, (_, i) => `www.m${i}.example.`).filter((name) =>
    domains.has(wire(name), 0),
  );
  expect(wrong).toEqual([]);
});
