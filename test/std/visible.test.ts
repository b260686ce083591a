import { expect, test } from "vitest";
import { visible } from "../../src/std/visible.ts";

test.each([
  ["shop/web.yaml", "shop/web.yaml"],
  ["caf\u00e9 \u{1f600}", "caf\u00e9 \u{1f600}"],
  ["\u001b[31mred\u0007", "\\u{1b}[31mred\\u{7}"],
  ["a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"],
  ["\u009b2J \u2028 \u202etxt.exe", "\\u{9b}2J \\u{2028} \\u{202e}txt.exe"],
])("%j", (text, expected) => {
  expect(visible(text)).toBe(expected);
});
