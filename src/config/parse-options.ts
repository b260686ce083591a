// The options of `serve`: flags over CLUSTER_DNS_… variables over the configuration file. Reads that file and nothing
// else; every fault of all three is told at once.
import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { buildOptions } from "./build-options.ts";
import type { Given, GivenOptions } from "./build-options.ts";
import { parseConfigFile } from "./config-file.ts";
import { didYouMean } from "./nearest.ts";
import { CONFIG_FILE, flagName, isOptionName, OPTION_NAMES, OPTION_TABLE, variableName } from "./option-table.ts";
import type { OptionName } from "./option-table.ts";
import type { Options } from "./options.ts";
import { parseFlags } from "./parse-flags.ts";
import type { FlagForms } from "./parse-flags.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type ParsedOptions =
  | { readonly options: Options; readonly paths: readonly string[] }
  | { readonly errors: readonly string[] };

/** A variable of the program that is no option. */
const DEBUG_VARIABLE = "CLUSTER_DNS_DEBUG";

/** Reads the arguments after `serve`, and `env`; errors are sentences for the operator, without a full stop. */
export function parseOptions(args: readonly string[], env: Environment): ParsedOptions {
  const flags = parseFlags(args, FLAG_FORMS);
  const variables = readVariables(env);
  const errors = [...flags.errors, ...variables.errors];
  const configFile = flags.values.get(flagName(CONFIG_FILE.name))?.at(-1) ?? variables.configFile;
  const fromFile = configFile === undefined ? { given: new Map(), errors: [] } : readConfigFile(configFile);
  errors.push(...fromFile.errors);
  const built = buildOptions([givenByFlags(flags.values), variables.given, fromFile.given]);
  if ("errors" in built) errors.push(...built.errors);
  if (errors.length > 0 || "errors" in built) return { errors };
  return { options: built.options, paths: flags.operands };
}

/** How each flag of `serve` is written. */
const FLAG_FORMS: FlagForms = Object.fromEntries([
  ...OPTION_NAMES.map((name) => [flagName(name), OPTION_TABLE[name].form === "switch" ? "switch" : "value"] as const),
  [flagName(CONFIG_FILE.name), "value"] as const,
]);

function givenByFlags(values: ReadonlyMap<string, readonly string[]>): GivenOptions {
  const given = new Map<OptionName, Given>();
  for (const name of OPTION_NAMES) {
    const texts = values.get(flagName(name));
    if (texts !== undefined) given.set(name, { where: flagName(name), texts });
  }
  return given;
}

interface Variables {
  readonly given: GivenOptions;
  readonly configFile: string | undefined;
  readonly errors: readonly string[];
}

function readVariables(env: Environment): Variables {
  const names = new Map([...OPTION_NAMES, CONFIG_FILE.name].map((name) => [variableName(name), name]));
  const given = new Map<OptionName, Given>();
  const errors: string[] = [];
  let configFile: string | undefined;
  for (const [variable, text] of Object.entries(env)) {
    // An empty variable is how compose files and CI systems say "not set".
    if (!variable.startsWith("CLUSTER_DNS_") || text === undefined || text === "") continue;
    if (variable === DEBUG_VARIABLE || isServiceLink(variable, text)) continue;
    const name = names.get(variable);
    if (name === undefined) {
      errors.push(`unknown environment variable ${variable}${didYouMean(variable, names.keys())}`);
    } else if (isOptionName(name)) {
      given.set(name, { where: variable, texts: [text] });
    } else {
      configFile = text;
    }
  }
  return { given, configFile, errors };
}

/**
 * Beside a Service named `cluster-dns…`, Kubernetes itself sets CLUSTER_DNS_SERVICE_HOST, CLUSTER_DNS_PORT=udp://… and
 * more in every pod of the namespace; this program in such a pod must not take them for mistakes.
 */
function isServiceLink(variable: string, text: string): boolean {
  if (variable.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(text)) return true;
  return /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(variable);
}

function readConfigFile(file: string): { given: GivenOptions; errors: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
    return { given: new Map(), errors: [`cannot read the configuration file ${file}: ${reason}`] };
  }
  return parseConfigFile(text, file);
}
