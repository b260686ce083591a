// Compares two versions of a value to recognize a file that was read before its end was written: such a text is often
// valid, with shorter lists, defaults instead of fields, and a truncated last word. Works on plain data.

/** Whether `now` lacks something of `before`; the place of an object in its file (`place`) is ignored. */
export function holdsLess(now: unknown, before: unknown): boolean {
  if (before === undefined || before === null) return false;
  if (Array.isArray(before)) {
    return (
      !Array.isArray(now) || now.length < before.length || before.some((item, index) => holdsLess(now[index], item))
    );
  }
  if (before instanceof Map) {
    return !(now instanceof Map) || [...before].some(([key, value]) => holdsLess(now.get(key), value));
  }
  switch (typeof before) {
    case "object":
      return Object.entries(before).some(([key, value]) => key !== "place" && holdsLess(fieldOf(now, key), value));
    case "string":
      return typeof now !== "string" || (now !== before && before.startsWith(now));
    case "number":
      // The default of an omitted count is 1 or 0.
      return typeof now === "string" ? false : typeof now !== "number" || now < before;
    default:
      return before === true && now !== true;
  }
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
