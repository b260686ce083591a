import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCode } from "../../src/std/error-code.ts";

test("a system error has a code", () => {
  try {
    readFileSync("/no/such/file");
    expect.unreachable();
  } catch (error) {
    expect(errorCode(error)).toBe("ENOENT");
  }
});

test.each([[new TypeError("ours")], ["text"], [undefined], [Object.assign(new Error("numbered"), { code: 1 })]])(
  "any other goes on: %s",
  (error) => {
    let thrown: unknown = "nothing";
    try {
      errorCode(error);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
  },
);
