// Cuts the text of one large YAML document, a List in block style, into its items, so that they can be parsed one by
// one: parsed at once, each megabyte takes fifty of memory. Looks at indentation only (YAML 1.2, sections 6.1 and 8.2).

/** Offsets in the text of the document, to which all before the first item and behind the last belongs. */
export interface YamlListItems {
  /** Of the first line of each item, and at last where the items end. */
  readonly starts: readonly number[];
  /** How far the items are indented, to their `-`. */
  readonly indent: number;
}

/**
 * Where the items of the top-level key `items` stand in `source`; undefined when there are none in block style, or when
 * an anchor in it may be meant by an alias in another item.
 */
export function findYamlListItems(source: string): YamlListItems | undefined {
  const key = /^items:[ \t]*(?:#.*)?\r?\n/m.exec(source);
  if (key === null || /(?:^|[\s,[{])&\S/m.test(source)) return undefined;
  const starts: number[] = [];
  let indent: number | undefined;
  let offset = key.index + key[0].length;
  for (let next: number; offset < source.length; offset = next) {
    const end = source.indexOf("\n", offset);
    next = end === -1 ? source.length : end + 1;
    const depth = indentOf(source, offset);
    const first = source[offset + depth];
    if (first === undefined || first === "\n" || first === "\r" || first === "#") continue;
    const isItem = first === "-" && /\s/.test(source.charAt(offset + depth + 1));
    indent ??= depth;
    if (depth < indent || (depth === indent && !isItem)) break;
    if (depth === indent) starts.push(offset);
  }
  return indent === undefined || starts.length === 0 ? undefined : { starts: [...starts, offset], indent };
}

function indentOf(source: string, lineStart: number): number {
  let depth = 0;
  while (source[lineStart + depth] === " ") depth++;
  return depth;
}
