// Splits a command's arguments into flags and operands, by a table of the flags there are (POSIX 12.2, long options as
// GNU writes them: `--name value`, `--name=value`, `--` ends the flags). Knows no command and checks no values.
import { didYouMean } from "./nearest.ts";

/** `values`: texts by flag as written (`--ttl`), in order. `operands`: the rest; `-` is one. */
export interface ParsedFlags {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  readonly errors: readonly string[];
}

/** What a flag wants: a value, or none (`switch`, which may still be written `--name=false`). */
export type FlagForms = Readonly<Record<string, "value" | "switch">>;

/** Sorts `args`; unknown flags and missing values are errors, each one sentence without a full stop. */
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
    // A flag in the place of a value is far more often a forgotten value than a value that looks like a flag.
    if (form === "switch") text ??= "true";
    else if (text === undefined && !args[i + 1]?.startsWith("--")) text = args[++i];
    if (text === undefined) errors.push(`${flag} needs a value`);
    else values.set(flag, [...(values.get(flag) ?? []), text]);
  }
  return { values, operands, errors };
}
