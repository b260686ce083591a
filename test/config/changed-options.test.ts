import { expect, test } from "vitest";
import { changeOptions } from "../../src/config/changed-options.ts";
import type { Values } from "../../src/config/changed-options.ts";
import { parseOptions } from "../../src/config/parse-options.ts";

function valuesOf(config: string, ...flags: string[]): Values {
  const parsed = parseOptions(["--config=c.yaml", ...flags], {}, config);
  if ("errors" in parsed) throw new Error(parsed.errors.join("\n"));
  return parsed.values;
}

test("what can change does, and what needs a restart keeps its value", () => {
  const inForce = valuesOf("ttl: 5\nlog-level: info");
  const { changed, waiting, values, options } = changeOptions(
    inForce,
    valuesOf("ttl: 6\nlog-level: debug\ncache-ttl: 60\nlisten: [127.0.0.2]"),
  );
  expect({ changed, waiting }).toEqual({ changed: ["cacheTtl", "logLevel"], waiting: ["listen", "ttl"] });
  expect(options).toMatchObject({ ttlSeconds: 5, negativeTtlSeconds: 5, logLevel: "debug", cacheTtlSeconds: 60 });
  expect(changeOptions(values, valuesOf("ttl: 5\nlog-level: debug\ncache-ttl: 60"))).toMatchObject({
    changed: [],
    waiting: [],
  });
});

test("other words for the same value, and values that a flag overrides, change nothing", () => {
  const inForce = valuesOf("listen: 127.0.0.1:53\nallow: [10.0.0.0/8]\nlog-level: info", "--log-level=warn");
  const next = valuesOf("listen: [127.0.0.1]\nallow: 10.0.0.0/8\nlog-level: debug", "--log-level=warn");
  expect(changeOptions(inForce, next)).toMatchObject({ changed: [], waiting: [] });
});
