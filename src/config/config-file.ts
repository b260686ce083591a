// The configuration file: YAML 1.2, one map of option names to a value or a list of values. Text in, texts by option
// out; reads no file and checks no values. Every fault names file, line and column.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Node, Pair } from "yaml";
import type { Given, GivenOptions } from "./build-options.ts";
import { didYouMean } from "./nearest.ts";
import { isOptionName, OPTION_NAMES, OPTION_TABLE } from "./option-table.ts";
import type { OptionName } from "./option-table.ts";

/** What a configuration file gives. */
export interface ParsedConfigFile {
  readonly given: GivenOptions;
  readonly errors: readonly string[];
}

/** Parses the text of the file that errors call `file`; an empty one gives nothing. */
export function parseConfigFile(text: string, file: string): ParsedConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "core" });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const errors = document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`);
  const given = new Map<OptionName, Given>();
  const root: unknown = document.contents;
  if (errors.length > 0 || root === null || (isScalar(root) && root.value === null)) return { given, errors };
  if (!isMap(root)) return { given, errors: [`${place(0)}: expected options, one a line, such as "ttl: 30"`] };
  for (const pair of root.items as readonly Pair<Node, Node | null>[]) {
    const where = place(pair.key.range?.[0] ?? 0);
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    if (!isOptionName(name)) {
      errors.push(`${where}: unknown option ${JSON.stringify(name)}${didYouMean(name, OPTION_NAMES)}`);
      continue;
    }
    const texts = valueTexts(pair.value);
    const isList = OPTION_TABLE[name].form === "list";
    if (texts === undefined || texts.length === 0 || (isSeq(pair.value) && !isList)) {
      errors.push(`${where}: ${name} needs ${isList ? "a value or a list of values" : "one value"}`);
      continue;
    }
    given.set(name, { where: `${where}: ${name}`, texts });
  }
  return { given, errors };
}

function valueTexts(value: Node | null): string[] | undefined {
  if (isSeq(value)) {
    const items = value.items.map((item) => scalarText(item));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const text = scalarText(value);
  return text === undefined ? undefined : [text];
}

function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  // The text as written: a number's value would hide that it was 0x1e or 3e1.
  return typeof node.value === "string" ? node.value : node.source;
}
