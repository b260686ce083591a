// Access to parsed YAML or JSON of any shape, without problems: what has another shape counts as absent. Reads own
// properties only. Pure.

export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at the path `keys`, if each key leads from a mapping that has it. */
export function child(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (!isMapping(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** The items, if `value` is a list. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The entries, if `value` is a mapping. */
export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isMapping(value) ? Object.entries(value) : [];
}

/** The text, if `value` is one and not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A port number or name, if `value` is one. */
export function port(value: unknown): number | string | undefined {
  return typeof value === "number" ? value : text(value);
}
