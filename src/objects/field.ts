// Reads fields of unknown input: each look is checked and a wrong value becomes a problem that names its place.
// Only own properties count, so that keys like `__proto__` and `constructor` are plain data. Pure.
import type { Place, Problem, Severity } from "./problem.ts";

export type FieldPath = readonly (string | number)[];

/** Collects the problems of one object; `locate` gives the place of a field, or of the nearest one that encloses it. */
export class ProblemSink {
  readonly problems: Problem[] = [];
  /** Whether an error is among the problems: the object does not count. */
  failed = false;
  /** Stamped on problems once the object is known. */
  object: string | undefined;
  readonly #locate: (path: FieldPath) => Place | undefined;

  constructor(locate: (path: FieldPath) => Place | undefined) {
    this.#locate = locate;
  }

  add(code: string, severity: Severity, path: FieldPath, message: string, advice: string): void {
    if (severity === "error") this.failed = true;
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

const DEFAULT_ADVICE = "correct the field; an API server would refuse the object too";
const SHOWN_CHARACTERS = 80;

/** A value somewhere in an object. What reads it gives undefined both when the field is absent and when it is wrong. */
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

  /** As Kubernetes writes it, e.g. `spec.ports[0].port`. */
  get name(): string {
    let name = "";
    for (const key of this.path) name += typeof key === "number" ? `[${key}]` : name === "" ? key : `.${key}`;
    return name;
  }

  /** Left out or null, which Kubernetes treats alike. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The field `key` of a mapping; absent when this is no mapping or lacks it. */
  get(key: string): Field {
    return new Field(ownValue(this.value, key), this.#sink, this, key);
  }

  /** Reports that the value is not what is expected; the object no longer counts. */
  invalid(expected: string, advice = DEFAULT_ADVICE): undefined {
    const got = this.absent ? "nothing" : describe(this.value);
    const what = this.name === "" ? "" : `${this.name}: `;
    this.#sink.add("invalid-field", "error", this.path, `${what}expected ${expected}, got ${got}`, advice);
    return undefined;
  }

  /** Reports something that does not stop the object. */
  warn(code: string, message: string, advice: string): void {
    this.#sink.add(code, "warning", this.path, message, advice);
  }

  /** Whether a mapping is there; anything else but absence is a problem. */
  isMapping(): boolean {
    if (this.absent) return false;
    if (typeof this.value === "object" && !Array.isArray(this.value)) return true;
    this.invalid("a mapping");
    return false;
  }

  /** The items of a list; none when absent. */
  items(): readonly Field[] {
    if (this.absent) return [];
    if (!Array.isArray(this.value)) {
      this.invalid("a list");
      return [];
    }
    return this.value.map((item: unknown, index) => new Field(item, this.#sink, this, index));
  }

  /** Text; `valid` must hold for it, `expected` says what that is. */
  text(expected = "text", valid: (text: string) => boolean = () => true): string | undefined {
    if (this.absent) return undefined;
    if (typeof this.value !== "string") {
      const scalar = typeof this.value === "number" || typeof this.value === "boolean";
      return this.invalid(expected, scalar ? `put it in quotes: "${String(this.value)}"` : DEFAULT_ADVICE);
    }
    return valid(this.value) ? this.value : this.invalid(expected);
  }

  /** One of `choices`. */
  choice<T extends string>(choices: readonly T[]): T | undefined {
    if (this.absent) return undefined;
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.invalid(choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}`);
  }

  boolean(): boolean | undefined {
    if (this.absent) return undefined;
    if (typeof this.value === "boolean") return this.value;
    const isWord = typeof this.value === "string" && /^(?:yes|no|on|off|true|false)$/i.test(this.value);
    return this.invalid("true or false", isWord ? "write true or false, without quotes" : DEFAULT_ADVICE);
  }

  /** A whole number from `min` to `max`. */
  integer(min: number, max: number): number | undefined {
    if (this.absent) return undefined;
    if (typeof this.value === "number" && Number.isInteger(this.value) && this.value >= min && this.value <= max) {
      return this.value;
    }
    const isQuoted = typeof this.value === "string" && /^\d+$/.test(this.value);
    const advice = isQuoted ? `write the number without quotes: ${String(this.value)}` : DEFAULT_ADVICE;
    return this.invalid(`an integer from ${min} to ${max}`, advice);
  }

  /** A mapping of text to text; undefined when absent or empty. */
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

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
