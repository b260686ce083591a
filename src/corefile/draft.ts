// What an import has found so far: options with the places that they come from, files beside them, and what is lost.
// Asks the option table whether an option exists and whether it takes the value, so that the result can be read.
import { keyName, OPTION_NAMES, optionRow } from "../config/option-names.ts";
import type { OptionName } from "../config/option-names.ts";
import type { Place, Problem } from "../objects/problem.ts";
import { placeOf } from "./parse-corefile.ts";
import type { Token } from "./token.ts";

/** An option of the configuration file, with a value from each place. */
export interface DraftOption {
  readonly name: OptionName;
  readonly values: string[];
  /** The plugin's words that gave the values. */
  readonly origins: Token[];
}

/** A file to put beside the configuration file. */
export interface DraftFile {
  readonly name: string;
  /** What the file begins with. */
  readonly head: string;
  readonly text: string;
  readonly origin: Token;
}

export class Draft {
  /** By option name. */
  readonly options = new Map<OptionName, DraftOption>();
  readonly files: DraftFile[] = [];
  /** Files and folders that exist already, for `serve` to name. */
  readonly paths = new Set<string>();
  readonly problems: Problem[] = [];

  /** Gives an option its only value; another value from another place is lost. */
  set(key: string, value: string, origin: Token): void {
    const option = this.#option(key, value, origin);
    if (option === undefined) return;
    const [before] = option.values;
    if (before === undefined) this.#keep(option, value, origin);
    else if (before === value) option.origins.push(origin);
    else this.lose(origin, `${key}: ${value}, for these zones only`, `the whole server has one value, here ${before}`);
  }

  /** Gives an option a value; the smaller one wins. */
  setSmallest(key: string, value: number, origin: Token): void {
    const option = this.#option(key, String(value), origin);
    if (option === undefined) return;
    const before = Number(option.values[0] ?? Infinity);
    option.values.splice(0, 1, String(Math.min(before, value)));
    option.origins.push(origin);
  }

  /** Adds a value to a list. */
  append(key: string, value: string, origin: Token): void {
    const option = this.#option(key, value, origin);
    if (option === undefined || option.values.includes(value)) return;
    // buildOptions splits the values of a list there.
    const { separator = "," } = optionRow(option.name);
    if (!value.includes(separator)) return this.#keep(option, value, origin);
    const what = separator === "," ? "a comma" : "a line end";
    this.lose(origin, `${key}: ${value}: it has ${what}`, "write the value without one");
  }

  /** Something of the Corefile has no counterpart. `what` begins with the plugin's words. */
  lose(at: Place, what: string, advice: string): void {
    this.problems.push({ code: "corefile-lost", severity: "warning", message: what, advice, place: placeOf(at) });
  }

  /** Something is carried over if the operator does his part. */
  note(at: Place, what: string, advice: string): void {
    this.problems.push({ code: "corefile-note", severity: "hint", message: what, advice, place: placeOf(at) });
  }

  /** Adds a file, or other text to the one of this name. */
  addFile(file: DraftFile): void {
    const i = this.files.findIndex(({ name }) => name === file.name);
    if (i === -1) this.files.push(file);
    else this.files[i] = { ...this.files[i]!, text: this.files[i]!.text + file.text };
  }

  #keep(option: DraftOption, value: string, origin: Token): void {
    option.values.push(value);
    option.origins.push(origin);
  }

  /** The option with this key; undefined if it does not exist or does not take the value, which is then lost. */
  #option(key: string, value: string, origin: Token): DraftOption | undefined {
    const name = optionNamed(key);
    if (name === undefined) {
      this.lose(origin, `${origin.text}: ${key}: ${value}`, `this version has no option ${key}`);
      return undefined;
    }
    const parsed = optionRow(name).parse(value);
    if ("fault" in parsed) {
      this.lose(origin, `${origin.text}: ${key}: ${JSON.stringify(value)} ${parsed.fault}`, "set it by hand");
      return undefined;
    }
    const option = this.options.get(name) ?? { name, values: [], origins: [] };
    this.options.set(name, option);
    return option;
  }
}

/** The option with this key in the configuration file. */
function optionNamed(key: string): OptionName | undefined {
  return OPTION_NAMES.find((name) => keyName(name) === key);
}
