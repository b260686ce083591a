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
      service("a/web", { ...at("2.yaml", 5), clusterIPs: ["10.96.0.2"] }),
      "2.yaml:5:1: Service a/web: defined again at 1.yaml:3:1, and that definition is used; ",
    ],
    [
      "an object without a place is elsewhere",
      service("a/web"),
      service("a/web", { selector: new Map([["app", "b"]]) }),
      "Service a/web: defined again elsewhere, and that definition is used; ",
    ],
  ])("%s", (_, used, unused, text) => {
    expect(formatProblem(duplicateObject(used, unused)!)).toMatch(text);
  });

  test("none of two that are the same but for their places", () => {
    const labels = { selector: new Map([["app", "b"]]), ipFamilies: ["IPv4" as const] };
    const [one, two] = [service("a/web", { ...at("1", 3), ...labels }), service("a/web", { ...at("2", 5), ...labels })];
    expect(duplicateObject(one, two)).toBeUndefined();
    expect(duplicateObject(one, { ...two, selector: new Map([["app", "c"]]) })).toBeDefined();
    expect(
      duplicateObject(one, {
        ...two,
        selector: new Map([
          ["app", "b"],
          ["x", ""],
        ]),
      }),
    ).toBeDefined();
  });
});
