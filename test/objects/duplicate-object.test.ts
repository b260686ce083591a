import { describe, expect, test } from "vitest";
import { duplicateObject } from "../../src/objects/duplicate-object.ts";
import { formatProblem } from "../../src/objects/problem.ts";
import { service } from "../support/core/objects.ts";

const at = (file: string, line: number): { place: { file: string; line: number; column: number } } => ({
  place: { file, line, column: 1 },
});

describe("duplicateObject", () => {
  test.each([
    [
      "names both places",
      service("a/web", at("1.yaml", 3)),
      service("a/web", at("2.yaml", 5)),
      "2.yaml:5:1: Service a/web: already defined at 1.yaml:3:1, and that definition is used; ",
    ],
    [
      "an object without a place is elsewhere",
      service("a/web"),
      service("a/web"),
      "Service a/web: already defined elsewhere, and that definition is used; ",
    ],
  ])("%s", (_, first, second, text) => {
    expect(formatProblem(duplicateObject(first, second))).toMatch(text);
  });
});
