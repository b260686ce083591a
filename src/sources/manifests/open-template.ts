// Opens an OpenShift Template (template.openshift.io/v1) as `oc process` does without arguments: its objects, with the
// values of its parameters in place of `${NAME}` and `${{NAME}}`. Pure; shared values stay shared.
import type { FieldPath } from "../../objects/field.ts";
import type { Place, Problem } from "../../objects/problem.ts";

interface Template {
  readonly objects: readonly unknown[];
}

/** Characters that the values of parameters may add. */
const ADDED_CHARACTERS_MAX = 64 * 1024 * 1024;
/** Characters that one pattern of `generate: expression` makes at a time, as in OpenShift. */
const GENERATED_MAX = 255;

/** Whether `value` is a Template with a list of objects. */
export function isTemplate(value: object): value is Template {
  const { apiVersion, kind, objects } = value as Readonly<Record<string, unknown>>;
  const isVersion = typeof apiVersion === "string" && apiVersion.startsWith("template.openshift.io/");
  return isVersion && kind === "Template" && Array.isArray(objects);
}

/** The template's objects, and a problem for each parameter that they use and that has no value: it is empty. */
export function openTemplate(
  template: Template,
  locate: (path: FieldPath) => Place,
): { readonly objects: readonly unknown[]; readonly problems: readonly Problem[] } {
  const parameters = parametersOf(template);
  const filler = new Filler(new Map(parameters.map(({ name, value }) => [name, value])));
  const objects = template.objects.map((object) => filler.fill(object));
  if (filler.isTooLarge) return { objects: [], problems: [tooLarge(locate(["parameters"]))] };
  const unset = parameters.filter(({ name, value }) => value === "" && filler.used.has(name));
  return { objects, problems: unset.map(({ name, index }) => withoutValue(name, locate(["parameters", index]))) };
}

function withoutValue(name: string, place: Place): Problem {
  return {
    code: "template-parameter",
    severity: "warning",
    message: `the parameter ${name} has no value, so it is empty`,
    advice: `give it a value, or pipe the output of \`oc process --local -f FILE -p ${name}=VALUE\` into this command`,
    place,
  };
}

function tooLarge(place: Place): Problem {
  return {
    code: "yaml-syntax",
    severity: "error",
    message: `the values of the parameters make more than ${ADDED_CHARACTERS_MAX} characters`,
    advice: "make the values shorter; the objects of the template are not read",
    place,
  };
}

interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly index: number;
}

function parametersOf(template: object): readonly Parameter[] {
  const { parameters } = template as { readonly parameters?: unknown };
  if (!Array.isArray(parameters)) return [];
  return parameters.flatMap((parameter: unknown, index) => {
    if (typeof parameter !== "object" || parameter === null) return [];
    const { name, value, generate, from } = parameter as Readonly<Record<string, unknown>>;
    if (typeof name !== "string") return [];
    const isGenerated = generate === "expression" && typeof from === "string";
    const given =
      typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
    return [{ name, index, value: given === "" && isGenerated ? generateValue(from) : given }];
  });
}

/** A value that fits patterns such as `[a-z0-9]{8}`, the same every time: OpenShift's own is random. */
function generateValue(from: string): string {
  return from.replaceAll(/\[([^\]]{1,256})\](?:\{(\d{1,3})\})?/g, (_pattern, range: string, length = "1") => {
    const characters = charactersOf(range);
    return Array.from({ length: Math.min(Number(length), GENERATED_MAX) }, (_, index) =>
      characters.charAt(index % Math.max(characters.length, 1)),
    ).join("");
  });
}

const CLASSES: Readonly<Record<string, string>> = { w: "a-z0-9", d: "0-9", a: "a-z", A: "a-z" };

function charactersOf(range: string): string {
  const spelled = range.replaceAll(/\\([wdaA])/g, (_, name: string) => CLASSES[name]!);
  return spelled.replaceAll(/(.)-(.)/g, (_, first: string, last: string) => {
    const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
    return String.fromCharCode(
      ...Array.from({ length: Math.max(0, Math.min(to - from + 1, 128)) }, (_each, i) => from + i),
    );
  });
}

class Filler {
  readonly used = new Set<string>();
  readonly #values: ReadonlyMap<string, string>;
  readonly #filled = new Map<object, unknown>();
  #added = 0;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get isTooLarge(): boolean {
    return this.#added > ADDED_CHARACTERS_MAX;
  }

  /** `value` with the values of parameters; as deep as the document, which has a limit. */
  fill(value: unknown): unknown {
    if (typeof value === "string") return this.#fillText(value);
    if (typeof value !== "object" || value === null) return value;
    const known = this.#filled.get(value);
    if (known !== undefined) return known;
    const filled = Array.isArray(value)
      ? value.map((item) => this.fill(item))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [this.#replace(key), this.fill(item)]));
    this.#filled.set(value, filled);
    return filled;
  }

  #fillText(text: string): unknown {
    if (!text.includes("${")) return text;
    const name = /^\$\{\{([A-Za-z0-9_]+)\}\}$/.exec(text)?.[1];
    return name === undefined || !this.#values.has(name) ? this.#replace(text) : toScalar(this.#use(name));
  }

  #replace(text: string): string {
    if (!text.includes("${")) return text;
    return text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (reference, name: string) =>
      this.#values.has(name) ? this.#use(name) : reference,
    );
  }

  #use(name: string): string {
    const value = this.#values.get(name)!;
    this.used.add(name);
    this.#added += value.length;
    return this.isTooLarge ? "" : value;
  }
}

/** The number, boolean or null that `text` spells, or itself. */
function toScalar(text: string): unknown {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?)$/.test(text) ? JSON.parse(text) : text;
}
