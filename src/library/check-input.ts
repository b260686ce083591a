// Checks paths and objects of a program as the command `check` does: objects take the way of standard input, so that
// all rules see them as they see files.
import { Readable } from "node:stream";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { checkCluster } from "../planes/check-cluster.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { readable } from "./parse-objects.ts";

/** What to check. */
export interface CheckedInput {
  readonly paths: readonly string[];
  readonly objects: readonly unknown[];
  /** Codes of problems to leave out. */
  readonly ignore: readonly string[];
}

/** The path under which objects are read: standard input, which a program does not have. */
const OBJECTS = "-";
/** The line of the first object in their text. */
const FIRST_LINE = 2;

/** Problems of objects have no place. Rejects with a `SettingsError`, an `ObjectError` or a `SourceError`. */
export async function checkInput(options: Options, { paths, objects, ignore }: CheckedInput): Promise<ProblemReport> {
  if (paths.includes(OBJECTS)) throw new SettingsError("input: the path - is for commands; pass objects instead");
  const text = objects.length === 0 ? undefined : toJson(objects);
  const all = text === undefined ? paths : [...paths, OBJECTS];
  const report = await checkCluster(all, options, () => Readable.from([text ?? ""]), ignore);
  return {
    ...report,
    files: report.files - all.length + paths.length,
    problems: report.problems.map(({ place, ...problem }) => {
      if (place !== undefined && place.file !== OBJECTS) return { ...problem, place };
      // What has no place must say which object it is about.
      return place === undefined ? problem : { object: nameOf(objects.flat(), place.line - FIRST_LINE), ...problem };
    }),
  };
}

/** Each object is a line of its own. */
function toJson(objects: readonly unknown[]): string {
  const items = readable("the object", () => objects.flat()).map((object, index) =>
    readable(`object ${index + 1}`, () => JSON.stringify(object) ?? "null"),
  );
  return `{"apiVersion":"v1","kind":"List","items":[\n${items.join(",\n")}\n]}`;
}

/** `Kind namespace/name`, as far as the object says; its number stands for a name that it lacks. */
function nameOf(objects: readonly unknown[], index: number): string {
  const { kind, metadata } = (objects[index] ?? {}) as { readonly kind?: unknown; readonly metadata?: unknown };
  const { namespace, name } = (metadata ?? {}) as { readonly namespace?: unknown; readonly name?: unknown };
  const isText = (each: unknown): boolean => typeof each === "string" && each !== "";
  const known = [kind, [namespace, name].filter(isText).join("/")].filter(isText).join(" ");
  const number = `object ${index + 1}`;
  if (known === "") return number;
  return isText(name) ? known : `${known} (${number})`;
}
