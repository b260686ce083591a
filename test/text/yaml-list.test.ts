import { expect, test } from "vitest";
import { findYamlListItems } from "../../src/text/yaml-list.ts";

/** The pieces between the cuts: what is above, each item, what is below. */
function cut(source: string): readonly string[] | undefined {
  const found = findYamlListItems(source);
  return found && [0, ...found.starts].map((start, index) => source.slice(start, found.starts[index] ?? source.length));
}

test.each<[title: string, source: string, pieces: readonly string[] | undefined]>([
  [
    "at the margin",
    "kind: List\nitems:\n- a: 1\n  b: 2\n- c\n",
    ["kind: List\nitems:\n", "- a: 1\n  b: 2\n", "- c\n", ""],
  ],
  ["indented", "items:\n  - a: 1\n    b: 2\n  - c\n", ["items:\n", "  - a: 1\n    b: 2\n", "  - c\n", ""]],
  ["above other keys", "items:\n- a\n- b\nkind: List\n", ["items:\n", "- a\n", "- b\n", "kind: List\n"]],
  ["lists in items", "items:\n- - a\n  - b\n- x:\n  - c\n", ["items:\n", "- - a\n  - b\n", "- x:\n  - c\n", ""]],
  [
    "comments and blank lines",
    "items: # x\n\n# y\n- a\n# z\n\n- b",
    ["items: # x\n\n# y\n", "- a\n# z\n\n", "- b", ""],
  ],
  ["Windows", "items:\r\n- a\r\n\r\n- b\r\n", ["items:\r\n", "- a\r\n\r\n", "- b\r\n", ""]],
  [
    "text that looks like items",
    "items:\n- a: |\n    - x\n   \n    - y\n",
    ["items:\n", "- a: |\n    - x\n   \n    - y\n", ""],
  ],
  ["text like a key", 'a: "\n  items:"\nb:\n  items:\n  - x\n', undefined],
  ["a word that begins with a dash", "items:\n- a\n-b: c\n", ["items:\n", "- a\n", "-b: c\n"]],
  ["an ampersand in text", "items:\n- a & b\n- c\n", ["items:\n", "- a & b\n", "- c\n", ""]],
  ["an anchor", "items:\n- &x a\n- *x\n", ["items:\n", "- &x a\n", "- *x\n", ""]],
  ["none", "items:\nkind: List\n", undefined],
  ["in flow style", "items: [a]\n", undefined],
  ["no text", "", undefined],
])("%s", (_title, source, pieces) => {
  expect(cut(source)).toEqual(pieces);
});
