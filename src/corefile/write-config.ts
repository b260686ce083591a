// The result of an import as text: the configuration file, each value with the lines of the Corefile that gave it, and
// the files beside it. Pure.
import { buildOptions } from "../config/build-options.ts";
import { parseConfigFile } from "../config/config-file.ts";
import { keyName, OPTION_NAMES, optionRow } from "../config/option-names.ts";
import type { Place } from "../objects/problem.ts";
import { visible } from "../std/visible.ts";
import type { Draft, DraftOption } from "./draft.ts";

/** The name of the configuration file. */
export const CONFIG_NAME = "cluster-dns.yaml";

/** A file by its name. */
export interface WrittenFile {
  readonly name: string;
  readonly text: string;
}

/** The configuration file of a draft, made from the Corefile at `file`. */
export function formatConfig(draft: Draft, file: string): string {
  const paths = [...draft.paths, ...draft.files.map(({ name }) => name)];
  const command = ["cluster-dns serve --config", CONFIG_NAME, ...paths].join(" ");
  const options = OPTION_NAMES.flatMap((name) => draft.options.get(name) ?? []);
  const head = `# Made from ${visible(file)} by cluster-dns import-corefile. To serve it:\n#   ${visible(command)}\n`;
  return `${head}${options.map(formatOption).join("")}`;
}

/** The files beside the configuration. */
export function formatFiles(draft: Draft): readonly WrittenFile[] {
  return draft.files.map(({ name, head, text }) => ({ name, text: head + text }));
}

/** What is wrong with the text of a configuration as a whole, a sentence each. */
export function configFaults(text: string): readonly string[] {
  const { given, errors } = parseConfigFile(text, CONFIG_NAME);
  const built = buildOptions([given]);
  return [...errors, ...("errors" in built ? built.errors : [])];
}

function formatOption({ name, values, origins }: DraftOption): string {
  const key = keyName(name);
  if (optionRow(name).form !== "list") return `\n# ${formatPlaces(origins)}\n${key}: ${formatScalar(values[0]!)}\n`;
  const lines = values.map((value, i) => `  - ${formatScalar(value)} # ${formatPlaces([origins[i]!])}\n`);
  return `\n${key}:\n${lines.join("")}`;
}

function formatPlaces(places: readonly Place[]): string {
  return [...new Set(places.map(({ file, line }) => visible(`${file}:${line}`)))].join(", ");
}

function formatScalar(value: string): string {
  return /^(?:[A-Za-z][\w.-]*|\d+)$/.test(value) ? value : JSON.stringify(value);
}
