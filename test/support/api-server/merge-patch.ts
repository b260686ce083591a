// Patches: JSON merge patch (RFC 7396), with what strategic merge patches add for lists that are merged. Kubernetes
// documents, "Update API Objects in Place Using kubectl patch".

type Fields = Readonly<Record<string, unknown>>;

const ORDER = "$setElementOrder/";

/** `target` after `patch`. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith("$")) continue;
    const order = patch[ORDER + field];
    if (value === null) delete merged[field];
    else if (Array.isArray(order)) merged[field] = mergeList(merged[field], value, order);
    else merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/** `order` has all elements that the list keeps, those of objects by their keys alone. */
function mergeList(target: unknown, patch: unknown, order: readonly unknown[]): unknown[] {
  const find = (list: unknown, key: unknown): unknown =>
    Array.isArray(list) && isFields(key)
      ? (list as readonly Fields[]).find((item) => Object.entries(key).every(([field, value]) => item[field] === value))
      : undefined;
  return order.map((key) => (isFields(key) ? mergePatch(find(target, key), find(patch, key) ?? {}) : key));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
