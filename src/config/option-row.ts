// What a row of the option table holds, and the types that follow from the rows: parsed values, fields of `Options`,
// settings of `serve()`. Only types; generic over the table, so that each row gives them all.
import type { Parsed } from "./option-values.ts";

/** How an option is written and explained. */
export interface OptionForm {
  /** `list`: may be repeated, or hold values with commas between. `switch`: true when written without a value. */
  readonly form: "text" | "number" | "switch" | "list";
  /** What stands behind the flag in help; switches have none. */
  readonly placeholder?: string;
  /** As a flag would give it; undefined: none, and `help` says what holds then. */
  readonly default?: string;
  /** Sentences without a full stop at the end. */
  readonly help: string;
  /** A value that shows more than the default does. */
  readonly example: string;
}

/** A row of the option table. */
export interface OptionRow<V = unknown> extends OptionForm {
  /** The default of the setting of `serve()`, where it is not that of the flag. */
  readonly embeddedDefault?: string;
  /** The field of `Options` that holds the value, if not the option's name; null: join-options.ts makes the fields. */
  readonly field?: string | null;
  /** Takes the text of one value. */
  readonly parse: (text: string) => Parsed<V>;
}

type Table = Readonly<Record<string, OptionRow>>;

type ValueOf<Row extends OptionRow> = Row["parse"] extends (text: string) => Parsed<infer V> ? V : never;

/** Rows whose options always have a value. */
type Always = { readonly form: "list" } | { readonly default: string };

/** The parsed values of all options by name; undefined: not given, and without a default. */
export type OptionValues<T extends Table> = {
  readonly [Name in keyof T]: T[Name]["form"] extends "list"
    ? readonly ValueOf<T[Name]>[]
    : ValueOf<T[Name]> | (T[Name] extends Always ? never : undefined);
};

type FieldOf<Name, Row> = Row extends { readonly field: infer Field } ? (Field extends string ? Field : never) : Name;

/** The fields of `Options` that hold the value of one option as it is. */
export type OptionFields<T extends Table> = {
  readonly [Name in keyof T as T[Name] extends Always ? FieldOf<Name, T[Name]> : never]: OptionValues<T>[Name];
} & {
  readonly [Name in keyof T as T[Name] extends Always ? never : FieldOf<Name, T[Name]>]?: ValueOf<T[Name]>;
};

/** The settings of `serve()`. Keys are not renamed here: only so do editors find the comment of the row. */
export type OptionSettings<T extends Table> = {
  -readonly [Name in keyof T]?: {
    readonly list: string | readonly string[];
    readonly switch: boolean;
    readonly number: number;
    readonly text: Extract<ValueOf<T[Name]>, string>;
  }[T[Name]["form"]];
};
