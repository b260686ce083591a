// Options from the settings of `serve()`: the same table and checks as for flags, with typed values.
// `paths` and `objects` are not options and not known here.
import { OperatorError } from "../std/operator-error.ts";
import { buildOptions } from "./build-options.ts";
import type { Given } from "./build-options.ts";
import { didYouMean } from "../std/nearest.ts";
import { OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";
import type { OptionForm } from "./option-row.ts";
import type { Options } from "./options.ts";

/** An unknown setting, or one with a bad value; the message names it and what is expected. */
export class SettingsError extends OperatorError {
  override name = "SettingsError";
}

const EXPECTED: Readonly<Record<OptionForm["form"], string>> = {
  text: "a string",
  number: "a number",
  switch: "true or false",
  list: "a string or an array of strings, not empty",
};

/** Options from settings by name (undefined: not given). Throws a SettingsError that reports all errors. */
export function optionsFromSettings(settings: Readonly<Record<string, unknown>>): Options {
  const given = new Map<OptionName, Given>();
  const errors: string[] = [];
  for (const [setting, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    const name = OPTION_NAMES.find((each) => each === setting);
    if (name === undefined) {
      errors.push(`unknown setting ${JSON.stringify(setting)}${didYouMean(setting, OPTION_NAMES)}`);
      continue;
    }
    const { form } = optionRow(name);
    const texts = settingTexts(value, form);
    if (texts === undefined) errors.push(`${setting}: expected ${EXPECTED[form]}`);
    else given.set(name, { where: setting, texts });
  }
  const built = buildOptions([given, embeddedDefaults()]);
  if ("errors" in built) errors.push(...built.errors);
  if (errors.length > 0 || "errors" in built) throw new SettingsError(errors.join("; "));
  return built.options;
}

function embeddedDefaults(): ReadonlyMap<OptionName, Given> {
  const given = new Map<OptionName, Given>();
  for (const name of OPTION_NAMES) {
    const { embeddedDefault } = optionRow(name);
    if (embeddedDefault !== undefined) given.set(name, { where: name, texts: [embeddedDefault] });
  }
  return given;
}

function settingTexts(value: unknown, form: OptionForm["form"]): string[] | undefined {
  if (form === "switch") return typeof value === "boolean" ? [String(value)] : undefined;
  if (form === "number") return typeof value === "number" ? [String(value)] : undefined;
  if (typeof value === "string") return [value];
  const isTexts = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
  return form === "list" && isTexts ? value : undefined;
}
