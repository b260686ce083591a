// Typed access to the fields of unknown input: a value of the wrong type or form becomes a problem with its place.
// Reads own properties only, so keys such as `__proto__` and `constructor` are plain data. Pure.
import type { Place, Problem, Severity } from "./problem.ts";

export type FieldPath = readonly (string | number)[];

/**
 * Collects the problems of one object. `locate` gives the place of a field, or of the nearest enclosing one;
 * `writtenAt` gives the text of a number or word without quotes, if the input has a text.
 */
export class ProblemSink {
  readonly problems: Problem[] = [];
  /** True if one of the problems is an error, which makes the object invalid. */
  hasError = false;
  /** The key of the object once it is known; problems added later have it. */
  object: string | undefined;
  /** The object comes from an API server, which has judged it already. */
  isLive = false;
  readonly #locate: (path: FieldPath) => Place | undefined;
  readonly #writtenAt: (path: FieldPath) => string | undefined;

  constructor(
    locate: (path: FieldPath) => Place | undefined,
    writtenAt: (path: FieldPath) => string | undefined = () => undefined,
  ) {
    this.#locate = locate;
    this.#writtenAt = writtenAt;
  }

  /** The text of the number, boolean or other word without quotes at `path`. */
  writtenAt(path: FieldPath): string | undefined {
    return this.#writtenAt(path);
  }

  add(code: string, severity: Severity, path: FieldPath, message: string, advice: string): void {
    if (severity === "error") this.hasError = true;
    const place = this.#locate(path);
    this.problems.push({
      code,
      severity,
      message,
      advice,
      ...(place === undefined ? {} : { place }),
      ...(this.object === undefined ? {} : { object: this.object }),
    });
  }
}

const DEFAULT_ADVICE = "correct the field; an API server would reject the object too";
const SHOWN_CHARACTERS_MAX = 80;

/** A value at some path of an object. The typed readers return undefined for an absent field and for an invalid one. */
export class Field {
  readonly value: unknown;
  readonly #parent: Field | undefined;
  readonly #key: string | number;
  readonly #sink: ProblemSink;

  constructor(value: unknown, sink: ProblemSink, parent?: Field, key: string | number = "") {
    this.value = value;
    this.#sink = sink;
    this.#parent = parent;
    this.#key = key;
  }

  get path(): FieldPath {
    return this.#parent === undefined ? [] : [...this.#parent.path, this.#key];
  }

  /** The path in the notation of Kubernetes, e.g. `spec.ports[0].port`. */
  get name(): string {
    let name = "";
    for (const key of this.path) name += typeof key === "number" ? `[${key}]` : name === "" ? key : `.${key}`;
    return name;
  }

  /** The value as its text has it (`0120`, `no`); undefined unless it is a number or boolean. */
  get written(): string | undefined {
    if (typeof this.value !== "number" && typeof this.value !== "boolean") return undefined;
    return this.#sink.writtenAt(this.path) ?? String(this.value);
  }

  /** Missing or null, which Kubernetes treats the same. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The field `key` of a mapping; absent if this is not a mapping or has no such key. */
  get(key: string): Field {
    return new Field(ownValue(this.value, key), this.#sink, this, key);
  }

  /** Reports that the value is not what was expected, which makes the object invalid. */
  invalid(expected: string, advice = DEFAULT_ADVICE): undefined {
    const got = this.isAbsent ? "nothing" : describe(this.value, this.written);
    const what = this.name === "" ? "" : `${this.name}: `;
    this.#sink.add("invalid-field", "error", this.path, `${what}expected ${expected}, got ${got}`, advice);
    return undefined;
  }

  /** Reports a warning; the object stays valid. */
  warn(code: string, message: string, advice: string): void {
    this.#sink.add(code, "warning", this.path, message, advice);
  }

  /** Whether the value is a mapping; reports any other value that is not absent. */
  isMapping(): boolean {
    if (this.isAbsent) return false;
    if (typeof this.value === "object" && !Array.isArray(this.value)) return true;
    this.invalid("a mapping");
    return false;
  }

  /** The items of a list; empty if the field is absent. */
  items(): readonly Field[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) {
      this.invalid("a list");
      return [];
    }
    return this.value.map((item: unknown, index) => new Field(item, this.#sink, this, index));
  }

  /** A string for which `valid` is true; `expected` describes it in problems. */
  text(expected = "text", valid: (text: string) => boolean = () => true): string | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value === "string") return valid(this.value) ? this.value : this.invalid(expected);
    const { written } = this;
    const isQuotable = written !== undefined && written.length <= SHOWN_CHARACTERS_MAX && valid(written);
    return this.invalid(expected, isQuotable ? `put it in quotes: "${written}"` : DEFAULT_ADVICE);
  }

  /** One of `choices`. A live object may have a word of a newer Kubernetes: it counts as absent. */
  choice<T extends string>(choices: readonly T[]): T | undefined {
    if (this.isAbsent) return undefined;
    const found = choices.find((choice) => choice === this.value);
    if (found === undefined && this.#sink.isLive && typeof this.value === "string") return undefined;
    return found ?? this.invalid(choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}`);
  }

  boolean(): boolean | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value === "boolean") return this.value;
    const isWord = typeof this.value === "string" && /^(?:y|n|yes|no|on|off|true|false)$/i.test(this.value);
    return this.invalid("true or false", isWord ? "write true or false, without quotes" : DEFAULT_ADVICE);
  }

  /** An integer from `min` to `max`. */
  integer(min: number, max: number): number | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value === "number" && Number.isInteger(this.value) && this.value >= min && this.value <= max) {
      return this.value;
    }
    // Without its zeros in front, which would make it octal.
    const number = typeof this.value === "string" && /^\d{1,15}$/.test(this.value) ? Number(this.value) : NaN;
    const advice = number >= min && number <= max ? `write the number without quotes: ${number}` : DEFAULT_ADVICE;
    return this.invalid(`an integer from ${min} to ${max}`, advice);
  }

  /** A mapping from strings to strings; undefined if absent or empty. */
  textMap(): ReadonlyMap<string, string> | undefined {
    if (!this.isMapping()) return undefined;
    const map = new Map<string, string>();
    const entries = this.value instanceof Map ? [...this.value.keys()] : Object.keys(this.value as object);
    for (const key of entries) {
      const text = this.get(String(key)).text();
      if (text !== undefined) map.set(String(key), text);
    }
    return map.size === 0 ? undefined : map;
  }
}

function ownValue(container: unknown, key: string): unknown {
  if (typeof container !== "object" || container === null || Array.isArray(container)) return undefined;
  if (container instanceof Map) return container.get(key);
  return Object.hasOwn(container, key) ? (container as Readonly<Record<string, unknown>>)[key] : undefined;
}

function describe(value: unknown, written: string | undefined): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (written === undefined) return cut(JSON.stringify(value) ?? typeof value);
  if (typeof value === "boolean") return written === String(value) ? written : `the boolean ${written}`;
  // Octal numbers and those with underscores: their value can't be seen.
  return Number(written) === value ? cut(written) : `${cut(written)}, which is ${JSON.stringify(value)}`;
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
