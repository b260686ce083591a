// The fields of an object that a program passes in, and what each has to be. TypeScript says so too, but programs in
// JavaScript hear of a missing or misspelled field only here. Pure.
import { SettingsError } from "../config/settings.ts";
import { parseType } from "../dns/type-names.ts";
import { isMapping } from "../objects/raw-values.ts";
import { didYouMean } from "../std/nearest.ts";

/** What a field has to be. A field that is undefined is not given. */
export interface FieldForm {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
  readonly isRequired?: boolean;
}

/** The longest time that timers take. */
const TIMER_MS_MAX = 0x7fff_ffff;

export const TEXT: FieldForm = { expected: "a string", holds: (value) => typeof value === "string" };
export const COUNT: FieldForm = {
  expected: "a whole number from 1",
  holds: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};
export const TEXTS: FieldForm = {
  expected: "a string or an array of strings",
  holds: (value) => [value].flat().every(TEXT.holds),
};
export const SWITCH: FieldForm = { expected: "true or false", holds: (value) => typeof value === "boolean" };
export const MAPPING: FieldForm = { expected: "an object", holds: isMapping };
export const MILLISECONDS: FieldForm = {
  expected: `milliseconds from 0 to ${TIMER_MS_MAX}`,
  holds: (value) => typeof value === "number" && value >= 0 && value <= TIMER_MS_MAX,
};
export const RECORD_TYPE: FieldForm = {
  expected: "a record type, such as AAAA",
  holds: (value) => typeof value === "string" && parseType(value) !== undefined,
};

/** Throws a `SettingsError` that names `what` and the first field that is missing, unknown or of another form. */
export function requireFields(what: string, fields: unknown, forms: Readonly<Record<string, FieldForm>>): void {
  const names = Object.keys(forms);
  if (!isMapping(fields))
    throw new SettingsError(`${what}: expected an object with ${names.join(", ")}, got ${describe(fields)}`);
  for (const name of Object.keys(fields)) {
    if (names.includes(name)) continue;
    throw new SettingsError(`${what}: unknown field ${JSON.stringify(name)}${didYouMean(name, names)}`);
  }
  for (const [name, { expected, holds, isRequired = false }] of Object.entries(forms)) {
    const value = fields[name];
    if (value === undefined ? !isRequired : holds(value)) continue;
    throw new SettingsError(`${what}: ${name}: expected ${expected}, got ${describe(value)}`);
  }
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
