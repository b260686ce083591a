// The arguments of a command that takes options of `serve`, with flags of its own beside them.
// Flags override variables, which override the configuration file, as for `serve`.
import type { OptionName } from "../config/option-names.ts";
import type { Options } from "../config/options.ts";
import { parseFlags } from "../config/parse-flags.ts";
import type { FlagForms, ParsedFlags } from "../config/parse-flags.ts";
import { optionForms, optionsFromFlags } from "../config/parse-options.ts";
import type { CommandIo } from "./command-io.ts";
import { withMemoryLimit } from "./memory-option.ts";

/** Arguments that are split, and checked as far as they are options. */
export interface CommandArguments extends Pick<ParsedFlags, "values" | "operands"> {
  /** What is wrong so far; the command adds what it finds. */
  readonly faults: string[];
  /** With the memory that this process may use; undefined: a fault tells why. */
  readonly options: Options | undefined;
}

/** Splits `args`; `own`: the command's own flags, `names`: the options that it takes. */
export function readArguments(
  args: readonly string[],
  env: CommandIo["env"],
  own: FlagForms,
  names: readonly OptionName[],
): CommandArguments {
  const { values, operands, errors } = parseFlags(args, { ...own, ...optionForms(names) });
  const parsed = optionsFromFlags(values, env);
  if ("errors" in parsed) return { values, operands, faults: [...errors, ...parsed.errors], options: undefined };
  return { values, operands, faults: [...errors], options: withMemoryLimit(parsed.options) };
}
