import { expect, test } from "vitest";
import { readVersion } from "../../src/process/version.ts";

test("three numbers", () => {
  expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
