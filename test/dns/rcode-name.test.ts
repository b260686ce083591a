import { expect, test } from "vitest";
import { rcodeName } from "../../src/dns/rcode-name.ts";

test("a code has its mnemonic, or none", () => {
  expect([0, 3, 16, 23, 7, 12, 4095].map(rcodeName)).toEqual([
    "NOERROR",
    "NXDOMAIN",
    "BADVERS",
    "BADCOOKIE",
    "other",
    "other",
    "other",
  ]);
});
