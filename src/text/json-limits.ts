// Scans one value of a JSON text (RFC 8259) for what JSON.parse does not tell: where the value ends, depth, size, and
// repeated keys, of which the last counts. Nodes are counted for each item of a List, since a file may hold a whole
// cluster, with a higher limit for the file. One pass; for text that is not valid JSON, the result means nothing.
import { DEPTH_MAX, JSON_NODES_MAX, NODES_MAX, REPEATED_KEYS_MAX } from "./yaml-limits.ts";

const [SPACE, QUOTE, COMMA, COLON] = [0x20, 0x22, 0x2c, 0x3a];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** `end` is the offset behind the value; keys have their quotes. */
export interface JsonScan {
  readonly end: number;
  /** Over the limit of nodes or depth; the scan ends there. */
  readonly isTooLarge: boolean;
  readonly repeatedKeys: readonly { readonly key: string; readonly offset: number; readonly earlier: number }[];
}

/** Scans the object or array that begins at `start`; nodes are counted as in YAML: keys, values and items. */
export function scanJson(text: string, start: number): JsonScan {
  /** The keys of each open object with their offsets; undefined for an array. */
  const open: (Map<string, number> | undefined)[] = [];
  const repeatedKeys: { readonly key: string; readonly offset: number; readonly earlier: number }[] = [];
  let nodes = 0;
  /** Nodes of the items of a List that are complete. */
  let complete = 0;
  let itemStart = 0;
  let isKey = false;
  let topKey = "";
  let offset = start;
  do {
    const code = text.charCodeAt(offset);
    if (code === QUOTE) {
      const end = endOfString(text, offset);
      if (isKey) {
        const keys = open.at(-1)!;
        const key = text.slice(offset, end);
        const earlier = keys.get(key);
        if (earlier !== undefined && repeatedKeys.length < REPEATED_KEYS_MAX)
          repeatedKeys.push({ key, offset, earlier });
        keys.set(key, offset);
        if (open.length === 1) topKey = key;
      }
      nodes++;
      isKey = false;
      offset = end - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      isKey = code === OPEN_BRACE;
      open.push(isKey ? new Map() : undefined);
      nodes++;
      if (open.length === 2) itemStart = nodes;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      open.pop();
      isKey = false;
    } else if (code === COMMA) {
      isKey = open.at(-1) !== undefined;
      if (open.length === 2 && !isKey && topKey === '"items"') {
        complete += nodes - itemStart - 1;
        itemStart = nodes;
      }
    } else if (code > SPACE && code !== COLON) {
      // A number, true, false or null, to its last character.
      while (isOfWord(text.charCodeAt(offset + 1))) offset++;
      nodes++;
    }
    offset++;
    if (nodes - complete > NODES_MAX || nodes > JSON_NODES_MAX || open.length > DEPTH_MAX) {
      return { end: offset, isTooLarge: true, repeatedKeys };
    }
  } while (open.length > 0 && offset < text.length);
  return { end: offset, isTooLarge: false, repeatedKeys };
}

/** Not a space, comma or closing bracket; false for the end of the text. */
function isOfWord(code: number): boolean {
  return code > SPACE && code !== COMMA && code !== CLOSE_BRACKET && code !== CLOSE_BRACE;
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
