// Advice for a field that Kubernetes does not have: the name that was meant, or the level at which the field belongs.
// Pure.
import { nearest } from "../../std/nearest.ts";
import type { ObjectType } from "./schema.ts";

/** Longer names are no typing mistakes. */
const NAME_MAX = 60;
/** Levels below an object that are searched for a field of the same name. */
const LEVELS_MAX = 3;

/** An object on the path of a field: its type, and its own path in the notation of Kubernetes. */
export interface Ancestor {
  readonly type: ObjectType;
  readonly path: string;
}

/** What to do about the unknown field `key` of the last of `ancestors`. */
export function fieldAdvice(key: string, ancestors: readonly Ancestor[]): string {
  if (key.length > NAME_MAX) return "remove it";
  const names = [...ancestors.at(-1)!.type.fields.keys()];
  const spelled = names.find((name) => isSpelled(name.toLowerCase(), key));
  if (spelled !== undefined) return `write ${spelled} instead of ${key}`;
  for (const { type, path } of ancestors.toReversed()) {
    const place = type.fields.has(key) ? key : findBelow(key, type, LEVELS_MAX);
    if (place !== undefined) return `move it to ${path === "" ? place : `${path}.${place}`}`;
  }
  const near = nearest(key, names);
  return near === undefined ? "remove it, or correct the name" : `write ${near} instead of ${key}`;
}

/** Whether `key` is `name` in other case, in the plural or the singular, or with hyphens. */
function isSpelled(name: string, key: string): boolean {
  const written = key.toLowerCase().replaceAll(/[-_]/g, "");
  return name === written || name === `${written}s` || name === `${written}es` || `${name}s` === written;
}

/** The path of the nearest field `key` below `type`, through objects and not through lists. */
function findBelow(key: string, type: ObjectType, levels: number): string | undefined {
  if (levels === 0) return undefined;
  const objects = [...type.fields].filter(([name, field]) => field.type !== undefined && name !== "status");
  const direct = objects.find(([, field]) => field.type!.fields.has(key));
  if (direct !== undefined) return `${direct[0]}.${key}`;
  for (const [name, field] of objects) {
    const below = findBelow(key, field.type!, levels - 1);
    if (below !== undefined) return `${name}.${below}`;
  }
  return undefined;
}
