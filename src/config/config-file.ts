// The configuration file: YAML 1.2, one map from option names to a value or a list of values. Pure: parses text and
// leaves values unchecked. Errors name file, line and column.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Node, Pair } from "yaml";
import type { Given, GivenOptions } from "./build-options.ts";
import { didYouMean } from "../std/nearest.ts";
import { keyName, OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";

/** The contents of a configuration file. */
export interface ParsedConfigFile {
  readonly given: GivenOptions;
  readonly errors: readonly string[];
}

/** Parses `text`; errors call the file `file`. An empty file gives no options. */
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
  if (!isMap(root)) return { given, errors: [`${place(0)}: expected one option a line, such as "ttl: 30"`] };
  const names = new Map(OPTION_NAMES.map((name) => [keyName(name), name]));
  for (const pair of root.items as readonly Pair<Node, Node | null>[]) {
    const where = place(pair.key.range?.[0] ?? 0);
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const name = names.get(key);
    if (name === undefined) {
      errors.push(`${where}: unknown option ${JSON.stringify(key)}${didYouMean(key, names.keys())}`);
      continue;
    }
    const texts = valueTexts(pair.value);
    const isList = optionRow(name).form === "list";
    if (texts === undefined || texts.length === 0 || (isSeq(pair.value) && !isList)) {
      errors.push(`${where}: ${key} needs ${isList ? "a value or a list of values" : "one value"}`);
      continue;
    }
    given.set(name, { where: `${where}: ${key}`, texts });
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
  // The text as written: the value of a number would hide that it was 0x1e or 3e1.
  return typeof node.value === "string" ? node.value : node.source;
}
