// The shape of a row of the option table, and the types derived from the table: parsed values, fields of `Options`,
// settings of `serve()`. Types only.
import type { Parsed } from "./option-values.ts";

/** How an option is written and documented. */
export interface OptionForm {
  /** `list`: may be repeated, and takes several values. `switch`: true when written without a value. */
  readonly form: "text" | "number" | "switch" | "list";
  /** What separates the values of a list; a comma, unless values have commas. */
  readonly separator?: string;
  /** The value in help, such as `SECONDS`; switches have none. */
  readonly placeholder?: string;
  /** All values, where these are words. */
  readonly choices?: readonly string[];
  /** The default as a flag would give it; an option without one says in `help` what happens then. */
  readonly default?: string;
  /** Sentences, without the last full stop. */
  readonly help: string;
  /** A value that is not the default. */
  readonly example: string;
}

/** A row of the option table. */
export interface OptionRow<V = unknown> extends OptionForm {
  /** The default of the setting of `serve()`, if not that of the flag. */
  readonly embeddedDefault?: string;
  /** The field of `Options` with the value, if named otherwise; null: join-options.ts makes the field. */
  readonly field?: string | null;
  /** A server that runs takes over a new value; of other options it needs a restart. */
  readonly canChange?: true;
  /** Parses one value. */
  readonly parse: (text: string) => Parsed<V>;
}

type Table = Readonly<Record<string, OptionRow>>;

type ValueOf<Row extends OptionRow> = Row["parse"] extends (text: string) => Parsed<infer V> ? V : never;

/** Rows of options that always have a value. */
type Always = { readonly form: "list" } | { readonly default: string };

/** The parsed values by option name; undefined: not given and no default. */
export type OptionValues<T extends Table> = {
  readonly [Name in keyof T]: T[Name]["form"] extends "list"
    ? readonly ValueOf<T[Name]>[]
    : ValueOf<T[Name]> | (T[Name] extends Always ? never : undefined);
};

type FieldOf<Name, Row> = Row extends { readonly field: infer Field } ? (Field extends string ? Field : never) : Name;

/** The fields of `Options` that are the value of one option. */
export type OptionFields<T extends Table> = {
  readonly [Name in keyof T as T[Name] extends Always ? FieldOf<Name, T[Name]> : never]: OptionValues<T>[Name];
} & {
  readonly [Name in keyof T as T[Name] extends Always ? never : FieldOf<Name, T[Name]>]?: ValueOf<T[Name]>;
};

/** A text whose values are words has these words as its type. */
type TextSetting<V> = [Extract<V, string>] extends [never] ? string : Extract<V, string>;

/** The settings of `serve()`. Editors show the comment of a row here because its key is not renamed. */
export type OptionSettings<T extends Table> = {
  -readonly [Name in keyof T]?: {
    readonly list: string | readonly string[];
    readonly switch: boolean;
    readonly number: number;
    readonly text: TextSetting<ValueOf<T[Name]>>;
  }[T[Name]["form"]];
};
