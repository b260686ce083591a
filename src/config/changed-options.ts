// What a new version of the configuration changes in a server that runs: the options that can change, and those that
// wait for a restart. Pure.
import { joinOptions } from "./join-options.ts";
import { OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";
import type { OptionFields, OptionValues } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";
import type { Options } from "./options.ts";

export type Values = OptionValues<OptionTable>;

type ChangeableRows = {
  [
    Name in keyof OptionTable as OptionTable[Name] extends { readonly canChange: true } ? Name : never
  ]: OptionTable[Name];
};

/** The options of which a server that runs takes over new values. */
export type ChangeableOptions = OptionFields<ChangeableRows>;

export interface OptionChange {
  /** The options that have changed and can. */
  readonly changed: readonly OptionName[];
  /** Those that have changed and need a restart. */
  readonly waiting: readonly OptionName[];
  /** What holds now: all but `waiting`. */
  readonly values: Values;
  readonly options: Options;
}

/** The step from the values in force to `next`. */
export function changeOptions(inForce: Values, next: Values): OptionChange {
  const differing = OPTION_NAMES.filter((name) => JSON.stringify(inForce[name]) !== JSON.stringify(next[name]));
  const changed = differing.filter((name) => optionRow(name).canChange === true);
  const values = { ...inForce, ...Object.fromEntries(changed.map((name) => [name, next[name]])) };
  const waiting = differing.filter((name) => !changed.includes(name));
  return { changed, waiting, values, options: joinOptions(values) };
}
