import fc from "fast-check";
import { expect, test } from "vitest";
import { isAtOrBelow, keyAbove, keysUpward, nameKey } from "../../src/dns/name-key.ts";
import { wire } from "../support/core/table.ts";

const key = (name: string): string => nameKey(wire(name));

test.each([
  ["a.b.z.", ["a.b.z.", "b.z.", "z.", "."]],
  ["z.", ["z.", "."]],
  [".", ["."]],
  ["a\\.b.z.", ["a\\.b.z.", "z.", "."]],
  ["\\255\\000.z.", ["\\255\\000.z.", "z.", "."]],
])("%s and the names above it", (name, upward) => {
  expect(keysUpward(key(name))).toEqual(upward.map(key));
  expect(keyAbove(key(name))).toBe(upward[1] === undefined ? undefined : key(upward[1]));
});

test.each([
  ["a.b.z.", "b.z.", true],
  ["b.z.", "b.z.", true],
  ["a.b.z.", ".", true],
  [".", ".", true],
  ["z.", "b.z.", false],
  ["ab.z.", "b.z.", false],
  ["c.z.", "b.z.", false],
  // The bytes of the other name end this one, but no label begins there.
  ["x\\001z.", "z.", false],
])("%s is at or below %s: %s", (name, above, is) => {
  expect(isAtOrBelow(key(name), key(above))).toBe(is);
});

test("a name is at or below those above it, and no others", () => {
  const names = fc.array(fc.constantFrom("a", "b", "\\001a"), { maxLength: 4 }).map((labels) => `${labels.join(".")}.`);
  fc.assert(
    fc.property(names, names, (name, other) => {
      expect(isAtOrBelow(key(name), key(other))).toBe(keysUpward(key(name)).includes(key(other)));
    }),
  );
});
