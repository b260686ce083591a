import { describe, expect, test } from "vitest";
import { parseSettings, PARTS } from "../../bench/settings.ts";

describe("flags of the benchmarks", () => {
  test("defaults measure everything but what takes its time", () => {
    const parts = PARTS.filter((part) => !["random-names", "fairness", "kubernetes"].includes(part));
    const defaults = { services: 1000, endpoints: 10, rounds: 5, seconds: 5, minutes: 10 };
    expect(parseSettings([])).toEqual({ ...defaults, parts });
  });

  test("every part can be named", () => {
    expect(parseSettings(["--only", PARTS.join(",")])).toMatchObject({ parts: PARTS });
  });

  test("each flag says one thing, and parts keep their order", () => {
    const args = ["--names", "10000", "--endpoints", "3", "--rounds", "2", "--seconds", "1"];
    expect(parseSettings([...args, "--minutes", "2", "--only", "lone,loss"])).toEqual({
      services: 10_000,
      endpoints: 3,
      rounds: 2,
      seconds: 1,
      minutes: 2,
      parts: ["loss", "lone"],
    });
  });

  test.each([
    [["--names", "0"], "--names 0"],
    [["--rounds", "many"], "--rounds many"],
    [["--seconds", "61"], "--seconds 61"],
    [["--minutes", "0.5"], "--minutes 0.5"],
    [["--only", "lone,speed"], "--only speed"],
    [["--peers", "knot"], "--peers"],
  ])("%j is refused", (args, told) => {
    expect(parseSettings(args)).toMatchObject({ fault: expect.stringContaining(told) });
  });
});
