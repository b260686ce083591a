// Reads the values of a command's own flags, and collects faults as lines, so that all are told at once. Pure.
// The options of `serve` have their table in config/.
import type { Parsed } from "../config/option-values.ts";
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
