// Whether a value may be what was there before, caught cut: a text that ends early is often valid, and then lists are
// shorter, fields have their defaults and the last word lacks its end. Compares plain data, and knows nothing of files.

/** Whether `now` lacks something of `before`; where an object begins in its file (`place`) does not matter. */
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
      // A count that is left out is 1 or 0.
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
