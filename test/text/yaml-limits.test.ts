import { expect, test } from "vitest";
import { countYamlNodes, Growth } from "../../src/text/yaml-limits.ts";

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

test("what aliases and merges make has a limit in proportion to the text", () => {
  const small = new Growth(1_000);
  expect([small.addNodes(132_000), small.addPairs(26_000)]).toEqual([undefined, undefined]);
  expect(small.addNodes(1)).toBe("the aliases of this file make more than 132000 nodes");
  expect(small.addPairs(1)).toBe("the `<<` of this file copy more than 26000 pairs");
  const large = new Growth(64_000_000);
  expect([large.addNodes(8_000_000), large.addPairs(1_000_000)]).toEqual([undefined, undefined]);
  expect(large.addNodes(1)).toContain("8000000");
});
