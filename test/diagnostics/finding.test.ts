import { expect, test } from "vitest";
import { CODES } from "../../src/diagnostics/codes.ts";
import { finding } from "../../src/diagnostics/finding.ts";
import { service } from "../support/core/objects.ts";

const TEXT = { message: "is wrong", advice: "mend it" };

test.each(["external-name-loop", "selector-no-pods", "endpoints-deprecated"] as const)("%s", (code) => {
  const place = { file: "a.yaml", line: 3, column: 1 };
  expect(finding(code, { ...service("shop/web"), place }, ["spec", "selector"], TEXT)).toEqual({
    code,
    severity: CODES[code].severity,
    ...TEXT,
    object: "Service shop/web",
    place,
    path: ["spec", "selector"],
  });
});

test("an object without a place", () => {
  expect(finding("selector-no-pods", service("shop/web"), [], TEXT)).not.toHaveProperty("place");
});
