// The keys of labels. That names are found by them, and not when they are gone: test/answer/nearest-label.test.ts.
import { expect, test } from "vitest";
import { LabelKeys, tagOf, wholeKey } from "../../src/table/label-index.ts";

function keysOf(label: string, group = 7): readonly number[] {
  const keys = new LabelKeys();
  const bytes = Buffer.from(`.${label}`);
  expect(keys.fill(bytes, 1, bytes.length, group)).toBe(true);
  return [...keys.keys.subarray(0, label.length + 1)];
}

test("a label without a byte has the key of what is left", () => {
  const label = "web-service-1";
  const expected = [...label].map((_, i) => {
    const left = Buffer.from(label.slice(0, i) + label.slice(i + 1));
    return wholeKey(left, 0, left.length, 7);
  });
  expect(keysOf(label)).toEqual([...expected, wholeKey(Buffer.from(label), 0, label.length, 7)]);
});

test("groups have keys of their own, and no tag is that of a free slot", () => {
  const [one, other] = [keysOf("node", 1), keysOf("node", 2)];
  expect(one.filter((key) => other.includes(key))).toEqual([]);
  for (const key of [0, 1, -1, 1 << 13, ...one]) expect(tagOf(key) >>> 13).toBeGreaterThan(0);
});

test("labels of other bytes have none", () => {
  for (const label of ["", "a.b", "a\0"])
    expect(new LabelKeys().fill(Buffer.from(label), 0, label.length, 1)).toBe(false);
  expect(wholeKey(Buffer.from("a b"), 0, 3, 1)).toBeUndefined();
});
