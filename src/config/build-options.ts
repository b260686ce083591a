// Builds Options from texts: flags, variables, the configuration file and settings meet here. Pure.
// Reports all errors at once, each with the source of the text.
import { findConflicts, joinOptions } from "./join-options.ts";
import { OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";
import type { OptionRow, OptionValues } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";
import type { Options } from "./options.ts";

/** The texts that a source gives for an option; errors call the source `where`: `--ttl`, `CLUSTER_DNS_TTL`. */
export interface Given {
  readonly where: string;
  readonly texts: readonly string[];
}

export type GivenOptions = ReadonlyMap<OptionName, Given>;
/** `values`: what `options` are made of, by option. */
export type BuiltOptions =
  | { readonly options: Options; readonly values: OptionValues<OptionTable> }
  | { readonly errors: readonly string[] };

/** Checks and joins `sources`, the strongest first. The first one that gives an option gives all of its values. */
export function buildOptions(sources: readonly GivenOptions[]): BuiltOptions {
  const byName: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const name of OPTION_NAMES) {
    const row = optionRow(name);
    const initial = row.default === undefined ? [] : [row.default];
    const given = sources.map((source) => source.get(name)).find((each) => each !== undefined);
    const parsed = parseTexts(row, given ?? { where: "default", texts: initial }, errors);
    byName[name] = row.form === "list" ? parsed : parsed[0];
  }
  if (errors.length > 0) return { errors };
  // Sound: the `parse` of each row made its values.
  const values = byName as OptionValues<OptionTable>;
  const conflicts = findConflicts(values);
  return conflicts.length === 0 ? { options: joinOptions(values), values } : { errors: conflicts };
}

function parseTexts(row: OptionRow, given: Given, errors: string[]): readonly unknown[] {
  // An option with one value takes the last text.
  const split = (text: string): string[] => text.trim().split(row.separator ?? ",");
  const texts = row.form === "list" ? given.texts.flatMap(split) : given.texts.slice(-1);
  const values: unknown[] = [];
  for (const text of texts) {
    const parsed = row.parse(text.trim());
    if ("fault" in parsed) errors.push(`${given.where}: ${JSON.stringify(text.trim())} ${parsed.fault}`);
    else values.push(parsed.value);
  }
  return values;
}
