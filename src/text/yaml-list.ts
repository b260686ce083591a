// Splits the text of one large YAML document, a List in block style, into its items, so that they can be parsed one by
// one: parsed at once, a megabyte of text takes fifty of memory. Uses indentation only (YAML 1.2, 6.1 and 8.2).

/** The items of a List as offsets in its text; the text before the first and after the last is the List itself. */
export interface YamlListItems {
  /** The start of each item's first line, and finally the end of the last item. */
  readonly starts: readonly number[];
  /** The column of the items' `-`, from 0. */
  readonly indent: number;
}

/** Finds the items of the top-level key `items` in `source`; undefined when there are none in block style. */
export function findYamlListItems(source: string): YamlListItems | undefined {
  const key = /^items:[ \t]*(?:#.*)?\r?\n/m.exec(source);
  if (key === null) return undefined;
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
