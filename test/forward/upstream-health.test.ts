import { describe, expect, test } from "vitest";
import { UpstreamHealth } from "../../src/forward/upstream-health.ts";

describe("whether an upstream is up", () => {
  test("X18 two questions in a row without a reply put it down, any reply up again", () => {
    const health = new UpstreamHealth();
    health.recordSilence(1_000, 0);
    expect(health.state(1_000)).toBe("up");
    health.recordSilence(1_500, 500);
    expect(health.state(1_500)).toBe("down");
    health.recordReply(1_600, 100);
    expect(health.state(1_600)).toBe("up");
    health.recordSilence(3_000, 2_000);
    expect(health.state(3_000)).toBe("up");
  });

  test("a question that is lost while others are answered says nothing", () => {
    const health = new UpstreamHealth();
    for (let sentAt = 0; sentAt < 100; sentAt++) {
      health.recordReply(sentAt, 10);
      health.recordSilence(sentAt + 1_000, sentAt);
    }
    expect(health.state(1_100)).toBe("up");
    expect(health.smoothedRttMs).toBe(10);
  });

  test("silence for as long as any question waits is death", () => {
    const health = new UpstreamHealth();
    health.recordSilence(1_000, 0);
    health.recordSilence(1_500, 500);
    expect([4_999, 5_000].map((now) => health.state(now))).toEqual(["down", "dead"]);
    health.recordReply(6_000, 10);
    expect(health.state(6_000)).toBe("up");
  });

  test("X17 refused twice is dead at once; silent after that, it may only be slow", () => {
    const health = new UpstreamHealth();
    health.recordFailure("refused", 0);
    expect(health.state(0)).toBe("up");
    health.recordFailure("certificate-expired", 1);
    expect(health.state(1)).toBe("dead");
    health.recordSilence(1_000, 500);
    expect(health.state(1_000)).toBe("down");
  });

  test.each(["garbage", "http-status", "truncated", "busy"] as const)("%s does not put it down", (cause) => {
    const health = new UpstreamHealth();
    for (let now = 0; now < 10; now++) health.recordFailure(cause, now);
    expect(health.state(10_000)).toBe("up");
  });
});

test("X22 probes: never two within half a second, less often when it stays down", () => {
  const health = new UpstreamHealth();
  const pauses = (): number[] => Array.from({ length: 6 }, () => health.nextProbeMs());
  const all = [500, 1_000, 1_000, 1_000, 1_000, 1_000];
  expect(pauses()).toEqual(all);
  health.recordReply(0, 1);
  expect(pauses()).toEqual(all);
});

test("the round trip time is smoothed, and at least what was waited in vain", () => {
  const health = new UpstreamHealth();
  expect(health.smoothedRttMs).toBe(0);
  health.recordReply(0, 80);
  expect(health.smoothedRttMs).toBe(80);
  health.recordReply(0, 160);
  expect(health.smoothedRttMs).toBe(90);
  health.recordSilence(1_001, 1);
  expect(health.smoothedRttMs).toBe(1_000);
});
