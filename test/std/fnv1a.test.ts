import { expect, test } from "vitest";
import { fnv1a } from "../../src/std/fnv1a.ts";

// Of the algorithm's own list of test vectors.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
  ["chongo was here!\n", 0xd49930d5],
])("%j", (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

test("one character changed anywhere changes the hash", () => {
  const text = "default/web 10.96.0.1";
  for (let i = 0; i < text.length; i++) {
    expect(fnv1a(`${text.slice(0, i)}!${text.slice(i + 1)}`)).not.toBe(fnv1a(text));
  }
});
