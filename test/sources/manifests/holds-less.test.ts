import { expect, test } from "vitest";
import { holdsLess } from "../../../src/sources/manifests/holds-less.ts";

test.each<[title: string, before: unknown, now: unknown, isLess: boolean]>([
  [
    "the same",
    { a: ["x", { b: 1 }], m: new Map([["k", "v"]]) },
    { a: ["x", { b: 1 }], m: new Map([["k", "v"]]) },
    false,
  ],
  ["nothing before", undefined, { a: 1 }, false],
  ["nothing now", { a: 1 }, undefined, true],
  ["a field more", { a: "x" }, { a: "x", b: "y" }, false],
  ["a field fewer", { a: "x", b: "y" }, { a: "x" }, true],
  ["another text", { a: "10.0.0.1" }, { a: "10.0.0.2" }, false],
  ["a longer text", { a: "10.0.0.1" }, { a: "10.0.0.12" }, false],
  ["a text without its end", { a: "10.0.0.12" }, { a: "10.0.0.1" }, true],
  ["an item more", ["x"], ["x", "y"], false],
  ["an item fewer", ["x", "y"], ["y"], true],
  ["an item that lacks something", [{ a: "x", b: "y" }], [{ a: "x" }], true],
  ["a key fewer", new Map([["k", "v"]]), new Map(), true],
  ["another key", new Map([["k", "v"]]), new Map([["l", "v"]]), true],
  ["a count that is left out", { replicas: 3 }, { replicas: 1 }, true],
  ["a higher count", { replicas: 1 }, { replicas: 3 }, false],
  ["a number that became a name", { targetPort: 80 }, { targetPort: "http" }, false],
  ["a condition that is left out", { headless: true }, { headless: false }, true],
  ["a condition that is new", { headless: false }, { headless: true }, false],
  ["another place", { place: { line: 9 } }, { place: { line: 1 } }, false],
  ["another shape", ["x"], { 0: "x" }, true],
])("%s", (_title, before, now, isLess) => {
  expect(holdsLess(now, before)).toBe(isLess);
});
