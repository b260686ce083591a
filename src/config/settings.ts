// The options of `serve()` for programs: the same table and checks as the flags, with camelCase names and typed values.
// Sources of objects (`paths`, `objects`) are no options and are not known here.
import { OperatorError } from "../std/operator-error.ts";
import { buildOptions } from "./build-options.ts";
import type { Given } from "./build-options.ts";
import { didYouMean } from "./nearest.ts";
import { OPTION_NAMES, OPTION_TABLE, settingName } from "./option-table.ts";
import type { OptionForm, OptionName } from "./option-table.ts";
import type { Options } from "./options.ts";

/** A setting that `serve()` does not know or cannot take; the message names it and what is expected. */
export class SettingsError extends OperatorError {
  override name = "SettingsError";
}

/** Defaults that differ from the flags': a program's server takes a free port, asks nobody and says nothing. */
const DEFAULTS = new Map<OptionName, Given>([
  ["listen", { where: "listen", texts: ["127.0.0.1:0"] }],
  ["log-level", { where: "logLevel", texts: ["silent"] }],
  ["udp-transport", { where: "udpTransport", texts: ["dgram"] }],
  ["upstream", { where: "upstream", texts: ["none"] }],
  ["cache-size", { where: "cacheSize", texts: ["4"] }],
]);

const EXPECTED: Readonly<Record<OptionForm["form"], string>> = {
  text: "a string",
  number: "a number",
  switch: "true or false",
  list: "a string or an array of strings, not empty",
};

/** Options of settings by camelCase name (undefined: not given); throws a SettingsError that tells all faults. */
export function optionsFromSettings(values: Readonly<Record<string, unknown>>): Options {
  const names = new Map(OPTION_NAMES.map((name) => [settingName(name), name]));
  const given = new Map<OptionName, Given>();
  const errors: string[] = [];
  for (const [setting, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const name = names.get(setting);
    if (name === undefined) {
      errors.push(`unknown setting ${JSON.stringify(setting)}${didYouMean(setting, names.keys())}`);
      continue;
    }
    const { form } = OPTION_TABLE[name];
    const texts = settingTexts(value, form);
    if (texts === undefined) errors.push(`${setting}: expected ${EXPECTED[form]}`);
    else given.set(name, { where: setting, texts });
  }
  const built = buildOptions([given, DEFAULTS]);
  if ("errors" in built) errors.push(...built.errors);
  if (errors.length > 0 || "errors" in built) throw new SettingsError(errors.join("; "));
  return built.options;
}

function settingTexts(value: unknown, form: OptionForm["form"]): string[] | undefined {
  if (form === "switch") return typeof value === "boolean" ? [String(value)] : undefined;
  if (form === "number") return typeof value === "number" ? [String(value)] : undefined;
  if (typeof value === "string") return [value];
  const isTexts = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
  return form === "list" && isTexts ? value : undefined;
}
