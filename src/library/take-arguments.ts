// The arguments of the library's functions: those that are no options, checked, apart from the options, which
// config/settings.ts checks. Pure.
import { SettingsError } from "../config/settings.ts";
import { isMapping } from "../objects/raw-values.ts";
import type { ExplainQuestion } from "../explain/explanation.ts";
import { describe, RECORD_TYPE, requireFields, TEXT } from "./field-forms.ts";
import { readable } from "./parse-objects.ts";

/** Questions kept where nothing else is said. */
const QUESTIONS_MAX = 1_000;

type Settings = Readonly<Record<string, unknown>>;

/** The arguments of `serve`; throws a `SettingsError` that names the argument. */
export function takeServeArguments(settings: unknown): {
  readonly options: Settings;
  readonly paths: readonly string[];
  readonly objects: unknown;
  readonly questionsMax: number;
} {
  const { paths = [], objects = [], questions, ...options } = takeSettings("serve", settings);
  if (!isTexts(paths)) throw new SettingsError("paths: expected an array of strings");
  takeObjects("objects", objects);
  const kept = questions ?? ((options["udpTransport"] ?? "dgram") === "dgram" ? QUESTIONS_MAX : 0);
  if (typeof kept !== "number" || !Number.isInteger(kept) || kept < 0)
    throw new SettingsError("questions: expected a whole number from 0");
  return { options, paths, objects, questionsMax: kept };
}

/** The arguments of `check`; throws a `SettingsError` that names the argument. */
export function takeCheckArguments(
  input: unknown,
  settings: unknown,
): {
  readonly options: Settings;
  readonly paths: readonly string[];
  readonly objects: readonly unknown[];
  readonly ignore: readonly string[];
} {
  const { ignore = [], ...options } = takeSettings("check", settings);
  if (!isTexts(ignore)) throw new SettingsError("ignore: expected an array of codes");
  return { options, ...takeInput(input), ignore };
}

/** How to explain a name. */
export interface ExplainOptions {
  /** Such as `SRV`; default: A and AAAA, as programs ask for addresses. */
  readonly type?: string;
  /** Who asks: a namespace, a pod (`NAMESPACE/NAME`) or an IP address; default: a pod of the setting `namespace`. */
  readonly from?: string;
}

const EXPLAIN_FIELDS = { type: RECORD_TYPE, from: TEXT };

/** A question to explain; throws a `SettingsError` that names the argument. */
export function takeExplainQuestion(name: unknown, options: unknown): ExplainQuestion {
  if (typeof name !== "string") throw new SettingsError(`name: expected a string, got ${describe(name)}`);
  requireFields("explain", options, EXPLAIN_FIELDS);
  return { name, ...(options as ExplainOptions) };
}

/** The arguments of `explain`; throws a `SettingsError` that names the argument. */
export function takeExplainArguments(
  input: unknown,
  question: unknown,
  settings: unknown,
): {
  readonly options: Settings;
  readonly paths: readonly string[];
  readonly objects: readonly unknown[];
  readonly question: ExplainQuestion;
} {
  const { paths, objects } = takeInput(input);
  const { name, ...rest } = takeSettings("question", question);
  return { paths, objects, question: takeExplainQuestion(name, rest), options: takeSettings("explain", settings) };
}

/** Paths and objects in any mixture. */
function takeInput(input: unknown): { readonly paths: readonly string[]; readonly objects: readonly unknown[] } {
  const items = takeObjects("input", input, "string");
  const paths = items.filter((item) => typeof item === "string");
  return { paths, objects: items.filter((item) => typeof item !== "string") };
}

function takeSettings(name: string, settings: unknown): Settings {
  if (isMapping(settings)) return settings;
  throw new SettingsError(`${name}: expected an object with settings, got ${describe(settings)}`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The items, or the one. What an object is, is checked later; what is none can be told by its argument. */
function takeObjects(name: string, value: unknown, other?: "string"): readonly unknown[] {
  const items: readonly unknown[] = readable(name, () => [value].flat());
  const index = items.findIndex((item) => !(typeof item === "object" && item !== null) && typeof item !== other);
  if (index === -1) return items;
  const which = value === items[index] ? name : `${name}[${index}]`;
  throw new SettingsError(`${which}: expected a Kubernetes object, got ${describe(items[index])}`);
}
