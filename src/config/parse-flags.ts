// Splits the arguments of a command into flags and operands (POSIX 12.2 with GNU's long options: `--name value`,
// `--name=value`; `--` ends the flags). Knows no command and checks no values.
import { didYouMean } from "../std/nearest.ts";

/** `values`: the texts of each flag (`--ttl`), in order. `operands`: all other arguments, `-` among them. */
export interface ParsedFlags {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  readonly errors: readonly string[];
}

/** Whether a flag needs a value; a `switch` does not, but takes one as `--name=false`. */
export type FlagForms = Readonly<Record<string, "value" | "switch">>;

/** Splits `args`. Unknown flags and missing values are errors: a sentence each, without a full stop. */
export function parseFlags(args: readonly string[], forms: FlagForms): ParsedFlags {
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const errors: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) {
      operands.push(arg);
      continue;
    }
    const equals = arg.indexOf("=");
    const flag = equals === -1 ? arg : arg.slice(0, equals);
    const form = Object.hasOwn(forms, flag) ? forms[flag] : undefined;
    if (form === undefined) {
      errors.push(`unknown flag ${flag}${didYouMean(flag, [...Object.keys(forms), "--help"])}`);
      continue;
    }
    let text = equals === -1 ? undefined : arg.slice(equals + 1);
    // A flag in place of a value means a forgotten value far more often than a value that looks like a flag.
    if (form === "switch") text ??= "true";
    else if (text === undefined && !args[i + 1]?.startsWith("--")) text = args[++i];
    if (text === undefined) errors.push(`${flag} needs a value`);
    else values.set(flag, [...(values.get(flag) ?? []), text]);
  }
  return { values, operands, errors };
}
