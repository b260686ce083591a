// Reads the values of a command's own flags, and collects faults as lines, so that all are told at once. Pure.
// The options of `serve` have their table in config/.
import { parseChoice } from "../config/option-values.ts";
import type { Parsed } from "../config/option-values.ts";
import type { HelpRow } from "../config/options-page.ts";
import type { ParsedFlags } from "../config/parse-flags.ts";

/** Parses the last text of the flag, or else `initial`; undefined after a fault, which is added to the others. */
export type FlagReader = <T>(flag: string, initial: string, parse: (text: string) => Parsed<T>) => T | undefined;

/** A reader of these values. */
export function flagReader(values: ParsedFlags["values"], faults: string[]): FlagReader {
  return (flag, initial, parse) => {
    const text = values.get(flag)?.at(-1) ?? initial;
    const result = parse(text);
    if ("value" in result) return result.value;
    faults.push(`${flag}: ${JSON.stringify(text)} ${result.fault}`);
    return undefined;
  };
}

/** The row of `--help` for `--format`; the first format is the default. */
export function formatFlag(formats: readonly string[]): HelpRow {
  const help = `Output format: ${formats.join(", ")} (default ${formats[0]})`;
  return { flag: "--format FORMAT", help, choices: formats };
}

/** The value of `--format`. */
export function readFormat<F extends string>(read: FlagReader, formats: readonly F[]): F | undefined {
  return read("--format", formats[0]!, (text) => parseChoice(text, formats));
}
