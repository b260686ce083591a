import { expect, test } from "vitest";
import { countYamlNodes } from "../../src/text/yaml-limits.ts";

test.each<[text: string, nodes: number]>([
  ["", 0],
  ["# a\n", 0],
  ["a: b\nc: 'd'\n", 4],
  ["a: [1, {b: c}]\n", 6],
  ["a: &x 1\nb: *x\n", 4],
  ["- 1\n- 2\n", 2],
  ["-\n-\n-\n", 3],
  ["{:,:,:}", 3],
  ["a: |\n  *b\n  - c\n", 2],
])("%j", (text, nodes) => {
  expect(countYamlNodes(text)).toBe(nodes);
});
