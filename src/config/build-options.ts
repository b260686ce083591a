// From the texts that were given for each option to checked Options: where flags, variables, file and settings meet.
// Reads nothing itself; every fault is told at once, each with the place that gave the text.
import { findConflicts, joinOptions } from "./join-options.ts";
import { OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";
import type { OptionRow, OptionValues } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";
import type { Options } from "./options.ts";

/** The texts that one source gives for an option, and that place's name in an error: `--ttl`, `CLUSTER_DNS_TTL`. */
export interface Given {
  readonly where: string;
  readonly texts: readonly string[];
}

export type GivenOptions = ReadonlyMap<OptionName, Given>;
export type BuiltOptions = { readonly options: Options } | { readonly errors: readonly string[] };

/** Checks and joins `sources`, the strongest first: the first one that gives an option gives all of its values. */
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
  // Sound: the values of a name came from the `parse` of its own row.
  const values = byName as OptionValues<OptionTable>;
  const conflicts = findConflicts(values);
  return conflicts.length === 0 ? { options: joinOptions(values) } : { errors: conflicts };
}

function parseTexts(row: OptionRow, given: Given, errors: string[]): readonly unknown[] {
  // Of an option that takes one value, the last one written counts.
  const texts = row.form === "list" ? given.texts.flatMap((text) => text.split(",")) : given.texts.slice(-1);
  const values: unknown[] = [];
  for (const text of texts) {
    const parsed = row.parse(text.trim());
    if ("fault" in parsed) errors.push(`${given.where}: ${JSON.stringify(text.trim())} ${parsed.fault}`);
    else values.push(parsed.value);
  }
  return values;
}
