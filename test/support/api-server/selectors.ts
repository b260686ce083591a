// Label and field selectors of lists and watches: Kubernetes API concepts, and "Labels and Selectors". A selector becomes
// a function from an object to whether it matches; what is not understood gets 400.
import { badRequest } from "./api-failure.ts";
import type { KubernetesObject, Target } from "./resources.ts";

/** Whether an object is in the collection that a request asks for. */
export type Selector = (object: KubernetesObject) => boolean;

/** All conditions of a request: its namespace, and its two selectors. */
export function compileSelector({ resource, namespace }: Target, query: URLSearchParams): Selector {
  const conditions = [
    ...compileLabels(query.get("labelSelector") ?? ""),
    ...compileFields(query.get("fieldSelector") ?? "", ["metadata.name", "metadata.namespace", ...resource.fields]),
  ];
  if (namespace !== undefined) conditions.push(({ metadata }) => metadata.namespace === namespace);
  return (object) => conditions.every((condition) => condition(object));
}

function compileLabels(text: string): Selector[] {
  // A comma in parentheses separates values, not requirements.
  const requirements = text.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return requirements.map((requirement) => compileLabel(requirement.trim()));
}

function compileLabel(text: string): Selector {
  const bySet = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (bySet !== null) {
    const [, key, operator, list] = bySet;
    const values = list!.split(",").map((value) => value.trim());
    return onLabel(key!, (value) => (value !== undefined && values.includes(value)) === (operator === "in"));
  }
  const byValue = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (byValue !== null) {
    const [, key, operator, wanted] = byValue;
    return onLabel(key!, (value) => (value === wanted) === (operator !== "!="));
  }
  const byPresence = /^(!?)\s*([^\s=!]+)$/.exec(text);
  if (byPresence === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, not, key] = byPresence;
  return onLabel(key!, (value) => (value !== undefined) === (not === ""));
}

function onLabel(key: string, matches: (value: string | undefined) => boolean): Selector {
  return ({ metadata }) => matches(metadata.labels?.[key]);
}

function compileFields(text: string, known: readonly string[]): Selector[] {
  const terms = text.split(",").filter((term) => term !== "");
  return terms.map((term) => {
    const [, path, operator, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (path === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
    return (object) => (fieldOf(object, path) === wanted) === (operator !== "!=");
  });
}

/** A field that is missing is an empty text. */
function fieldOf(object: KubernetesObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split(".")) value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
  return typeof value === "string" ? value : "";
}
