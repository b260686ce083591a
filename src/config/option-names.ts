// The spellings of option names: `ednsSize` as a setting and in the program, `edns-size` in the configuration file,
// `--edns-size`, `CLUSTER_DNS_EDNS_SIZE`.
import { OPTION_TABLE } from "./option-table.ts";
import type { OptionTable } from "./option-table.ts";
import type { OptionRow } from "./option-row.ts";

export type OptionName = keyof OptionTable;

/** The names of all options, in the order of the table. */
export const OPTION_NAMES = Object.keys(OPTION_TABLE) as readonly OptionName[];

/** The row of an option, in the type that all rows share. */
export function optionRow(name: OptionName): OptionRow {
  return OPTION_TABLE[name];
}

/** `ednsSize` to `edns-size`. */
export function keyName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `ednsSize` to `--edns-size`. */
export function flagName(name: string): string {
  return `--${keyName(name)}`;
}

/** `ednsSize` to `CLUSTER_DNS_EDNS_SIZE`. */
export function variableName(name: string): string {
  return `CLUSTER_DNS_${keyName(name).toUpperCase().replaceAll("-", "_")}`;
}
