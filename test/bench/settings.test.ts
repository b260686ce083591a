import { describe, expect, test } from "vitest";
import { parseSettings, PARTS } from "../../bench/settings.ts";

describe("flags of the benchmarks", () => {
  test("defaults measure everything", () => {
    expect(parseSettings([])).toEqual({ services: 1000, endpoints: 10, rounds: 5, seconds: 5, parts: PARTS });
  });

  test("each flag says one thing, and parts keep their order", () => {
    const args = ["--names", "10000", "--endpoints", "3", "--rounds", "2", "--seconds", "1", "--only", "lone,loss"];
    expect(parseSettings(args)).toEqual({
      services: 10_000,
      endpoints: 3,
      rounds: 2,
      seconds: 1,
      parts: ["loss", "lone"],
    });
  });

  test.each([
    [["--names", "0"], "--names 0"],
    [["--rounds", "many"], "--rounds many"],
    [["--seconds", "61"], "--seconds 61"],
    [["--only", "lone,speed"], "--only speed"],
    [["--peers", "knot"], "--peers"],
  ])("%j is refused", (args, told) => {
    expect(parseSettings(args)).toMatchObject({ fault: expect.stringContaining(told) });
  });
});
