// What one upstream is told to have done, with a clock that the test moves.
import { expect, test } from "vitest";
import type { FailureCause } from "../../src/forward/failure-cause.ts";
import { UpstreamWatch } from "../../src/forward/upstream-event.ts";
import type { UpstreamEvent } from "../../src/forward/upstream-event.ts";
import type { HealthState } from "../../src/forward/upstream-health.ts";

const UPSTREAM = { text: "10.0.0.53", protocol: "udp", host: "10.0.0.53", port: 53 } as const;

function start() {
  const seen: Omit<UpstreamEvent, "upstream">[] = [];
  const watch = new UpstreamWatch(UPSTREAM, ({ upstream, ...event }) => {
    expect(upstream).toBe(UPSTREAM);
    seen.push(event);
  });
  const fail = (fault: FailureCause, state: HealthState, nowMs = 0): void => watch.failed({ fault }, state, nowMs);
  return { watch, seen, fail };
}

test("down is told once, with the cause of the failure that put it down, and so is the way back", () => {
  const { watch, seen, fail } = start();
  fail("refused", "up", 10);
  fail("timeout", "down", 20);
  fail("refused", "dead", 30);
  watch.replied(5_020);
  watch.replied(5_030);
  fail("certificate-expired", "dead", 6_000);
  expect(seen).toEqual([
    { kind: "down", cause: "timeout" },
    { kind: "up", downMs: 5_000 },
    { kind: "down", cause: "certificate-expired" },
  ]);
});

test("of one that is up, what no other try can mend is told; what happens to any is not", () => {
  const { watch, seen, fail } = start();
  watch.replied(0);
  for (const cause of ["timeout", "closed", "refused", "http-status", "garbage", "truncated", "busy"] as const)
    fail(cause, "up");
  watch.failed({ fault: "http-status", detail: "HTTP status 429" }, "up", 0);
  const told = ["http-status", "garbage", "truncated", "busy"].map((cause) => ({ kind: "failure", cause }));
  expect(seen).toEqual([...told, { kind: "failure", cause: "http-status", detail: "HTTP status 429" }]);
});
