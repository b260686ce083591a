// Checks of a JSON text (RFC 8259) that JSON.parse does not do: depth, size, and repeated keys, of which it takes the
// last. Nodes are counted for each item of a List, since a file may hold a whole cluster, with a higher limit for the
// file. One pass over the text; for text that is not valid JSON, the result means nothing.
import { DEPTH_MAX, JSON_NODES_MAX, NODES_MAX } from "./yaml-limits.ts";

/** `too-large`: over the limit of nodes or depth; `repeated-key`: at `offset`, with its quotes. */
export type JsonFinding =
  | { readonly kind: "too-large" }
  | { readonly kind: "repeated-key"; readonly key: string; readonly offset: number };

/** The first finding in valid JSON; nodes are counted as in YAML: keys, values and items. */
export function findInJson(text: string): JsonFinding | undefined {
  /** The keys of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let nodes = 0;
  /** Nodes of the items of a List that are complete. */
  let complete = 0;
  let itemStart = 0;
  let isKey = false;
  let topKey = "";
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset]!;
    if (character === '"') {
      const end = endOfString(text, offset);
      if (isKey) {
        const keys = open.at(-1)!;
        const key = text.slice(offset, end);
        if (keys.has(key)) return { kind: "repeated-key", key, offset };
        keys.add(key);
        if (open.length === 1) topKey = key;
      }
      nodes++;
      isKey = false;
      offset = end - 1;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      isKey = character === "{";
      nodes++;
      if (open.length === 2) itemStart = nodes;
    } else if (character === "}" || character === "]") {
      open.pop();
      isKey = false;
    } else if (character === ",") {
      isKey = open.at(-1) !== undefined;
      if (open.length === 2 && !isKey && topKey === '"items"') {
        complete += nodes - itemStart - 1;
        itemStart = nodes;
      }
    } else if (character > " " && character !== ":") {
      // A number, true, false or null, to its last character.
      while (/[-+.\w]/.test(text.charAt(offset + 1))) offset++;
      nodes++;
    }
    if (nodes - complete > NODES_MAX || nodes > JSON_NODES_MAX || open.length > DEPTH_MAX) return { kind: "too-large" };
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (; end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}
