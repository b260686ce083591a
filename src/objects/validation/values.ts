// Typed access to the values of an object that has decoded: every value has the type of its field, or is absent. The
// readers return what the API server takes for an absent field. Pure.

import { isMapping } from "../raw-values.ts";
import type { Mapping } from "../raw-values.ts";

export const NO_FIELDS: Mapping = Object.freeze({});
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

/** The own field `key` of `owner`; undefined if it is absent or null. */
export function valueIn(owner: unknown, key: string): unknown {
  return isMapping(owner) && Object.hasOwn(owner, key) ? (owner[key] ?? undefined) : undefined;
}

/** A text; empty for any other value. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The text of a field; empty if absent. */
export function textIn(owner: unknown, key: string): string {
  return asText(valueIn(owner, key));
}

/** The number of a field; 0 if absent. */
export function numberIn(owner: unknown, key: string): number {
  const value = valueIn(owner, key);
  return typeof value === "number" ? value : 0;
}

/** The items of a list; none if absent. */
export function itemsIn(owner: unknown, key: string): readonly unknown[] {
  const value = valueIn(owner, key);
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** The mapping of a field; empty if absent. */
export function mappingIn(owner: unknown, key: string): Mapping {
  const value = valueIn(owner, key);
  return isMapping(value) ? value : NO_FIELDS;
}
