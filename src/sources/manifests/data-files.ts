// Tells files that are no manifests, although their names end like those of manifests: data, settings of other
// programs, Compose files. Pure; judges by the name and the text, never by what a parser made of it.
import { basename } from "node:path";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { child, entries } from "../../objects/raw-values.ts";

/** Every object has both keys, somewhere; JSON and flow style have them after a bracket or comma. */
const KEY_OF_OBJECT = /(?:^|[\s{,[])["']?(?:kind|apiVersion)["']?\s*:/m;
const API_VERSION = /(?:^|[\s{,[])["']?apiVersion["']?\s*:/m;
const COMPOSE_NAME = /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/;
/** Values of Helm charts may have a key `kind`. */
const VALUES_NAME = /^values(?:[.-][\w.-]+)?\.ya?ml$/;

/** Whether a text can't be a manifest, not even a broken one. */
export function isDataText(text: string, path: string): boolean {
  return !(VALUES_NAME.test(basename(path)) ? API_VERSION : KEY_OF_OBJECT).test(text);
}

/** The problem of a Compose file; undefined for any other document without a kind. */
export function composeProblem(value: unknown, path: string): Problem | undefined {
  if (path !== "-" && !COMPOSE_NAME.test(basename(path))) return undefined;
  const services = entries(child(value, "services"));
  const isCompose = services.some(([, service]) => ["image", "build"].some((key) => child(service, key) !== undefined));
  if (!isCompose) return undefined;
  const message = "is a Compose file; its services are no Kubernetes objects, and are not read";
  return fileProblem(path, "compose-file", message, "convert it first, for example with `kompose convert`", "hint");
}
