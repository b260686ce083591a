// A suffix is replaced as a text is, in wire form.
import fc from "fast-check";
import { expect, test } from "vitest";
import { NameBuffer } from "../../src/answer/name-buffer.ts";
import { CHANGE, SuffixChange } from "../../src/answer/suffix-change.ts";
import { parseName } from "../../src/dns/name.ts";

test.each([
  ["x.a.example.", ".a.example.", ".b.", "x.b."],
  ["a.example.", ".a.example.", ".b.", "a.example."],
  ["X.A.example.", "a.EXAMPLE.", "b.", "X.b."],
  ["xa.example.", "a.example.", "bc.test.", "xbc.test."],
  ["x.a.example.", ".a.example.", "b.", "xb."],
  ["x.a.example.", "a.example.", ".b.", "x.a.example."],
  ["x.", ".", ".b.test.", "x.b.test."],
  [`${"x".repeat(60)}.a.`, ".a.", "bcde.", `${"x".repeat(60)}.a.`],
])("%s with %s as %s is %s", (text, from, to, expected) => {
  const name = new NameBuffer();
  name.setText(text);
  new SuffixChange(from, to).apply(name);
  expect(name.toText()).toBe(expected);
});

test("gives what replacing text gives", () => {
  const words = fc.array(fc.constantFrom("a", "b", "ab", "."), { minLength: 1, maxLength: 5 });
  const end = words.map((some) => `${some.join("").replace(/\.+/g, ".")}.`.replace("..", "."));
  const names = end.map((text) => text.replace(/^\./, "")).filter((text) => text.length > 1);
  fc.assert(
    fc.property(names, end, end, (text, from, to) => {
      // A root in place of a name is left out: nobody writes it.
      fc.pre(to !== ".");
      const name = new NameBuffer();
      name.setText(text);
      const change = new SuffixChange(from, to).apply(name);
      const replaced = text.endsWith(from) ? text.slice(0, text.length - from.length) + to : undefined;
      if (replaced === undefined) expect(change).toBe(CHANGE.NONE);
      else if (parseName(replaced) === undefined) expect(change).toBe(CHANGE.NOT_A_NAME);
      else expect([change, name.toText()]).toEqual([CHANGE.DONE, replaced]);
    }),
    { numRuns: 2_000 },
  );
});
