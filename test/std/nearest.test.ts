import { describe, expect, test } from "vitest";
import { didYouMean, editDistance, nearest } from "../../src/std/nearest.ts";

const FLAGS = ["--listen", "--ttl", "--negative-ttl", "--pods", "--pod-cidr", "--service-cidr"];

describe("nearest", () => {
  test.each([
    ["--lisen", "--listen"],
    ["--listne", "--listen"],
    ["--LISTEN", "--listen"],
    ["-ttl", "--ttl"],
    ["--pod", "--pods"],
    ["--podcidr", "--pod-cidr"],
    ["--servicecidr", "--service-cidr"],
    ["--quick-brown-fox", undefined],
    ["", undefined],
  ])("%s is meant as %s", (word, expected) => {
    expect(nearest(word, FLAGS)).toBe(expected);
  });

  test("the first of equally near ones is taken", () => {
    expect(nearest("bat", ["cat", "hat"])).toBe("cat");
  });

  test("a pasted text is compared in no time", () => {
    expect(nearest("x".repeat(1_000_000), FLAGS)).toBeUndefined();
  });
});

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["abc", "abd", 1],
    ["abc", "xabc", 1],
    ["kitten", "sitting", 3],
  ])("%s to %s is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

test("didYouMean is empty when nothing is near", () => {
  expect(didYouMean("verifed", ["verified"])).toBe("; did you mean verified?");
  expect(didYouMean("nonsense", ["verified"])).toBe("");
});
