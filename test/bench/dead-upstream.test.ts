import { expect, test } from "vitest";
import { allowedP99 } from "../../bench/dead-upstream.ts";

test.each([
  { quietUs: 100, allowedUs: 300 },
  { quietUs: 800, allowedUs: 1_000 },
  { quietUs: 4_000, allowedUs: 5_000 },
])("beside a p99 of $quietUs µs, $allowedUs µs are allowed", ({ quietUs, allowedUs }) => {
  expect(allowedP99(quietUs)).toBe(allowedUs);
});
