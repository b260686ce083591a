// The options of a command line: flags over CLUSTER_DNS_… variables over the configuration file. Reads that file and
// nothing else. Reports the errors of all three at once.
import { closeSync, openSync, readSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { buildOptions } from "./build-options.ts";
import type { BuiltOptions, Given, GivenOptions } from "./build-options.ts";
import { parseConfigFile } from "./config-file.ts";
import { didYouMean } from "../std/nearest.ts";
import { flagName, OPTION_NAMES, optionRow, variableName } from "./option-names.ts";
import type { OptionName } from "./option-names.ts";
import { CONFIG_FILE } from "./option-table.ts";
import type { Options } from "./options.ts";
import { parseFlags } from "./parse-flags.ts";
import type { FlagForms, ParsedFlags } from "./parse-flags.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type ParsedOptions =
  | (Extract<BuiltOptions, { readonly options: Options }> & {
      readonly paths: readonly string[];
      /** The configuration file; undefined: there is none. */
      readonly configFile: string | undefined;
    })
  | { readonly errors: readonly string[] };

/** Far more than all options need. */
const CONFIG_LENGTH_MAX = 1 << 16;
const CONFIG_FLAG = flagName(CONFIG_FILE.name);

/** A variable of the program, but not an option. */
const DEBUG_VARIABLE = "CLUSTER_DNS_DEBUG";

/**
 * Parses the arguments of `serve` and the variables `env`; errors are sentences without a full stop. `configText`: what
 * the configuration file holds; absent: it is read.
 */
export function parseOptions(args: readonly string[], env: Environment, configText?: string): ParsedOptions {
  const { values, operands, errors } = parseFlags(args, optionForms(OPTION_NAMES));
  const built = optionsFromFlags(values, env, configText);
  if (errors.length > 0 || "errors" in built) {
    return { errors: [...errors, ...("errors" in built ? built.errors : [])] };
  }
  return { ...built, paths: operands, configFile: configFileOf(values, readVariables(env)) };
}

/** The forms of `--config` and of the flags of these options, for `parseFlags`. */
export function optionForms(names: readonly OptionName[]): FlagForms {
  const forms = names.map((name) => [flagName(name), optionRow(name).form === "switch" ? "switch" : "value"] as const);
  return { ...Object.fromEntries(forms), [CONFIG_FLAG]: "value" };
}

/** The options that parsed flags, `env` and the configuration file give; ignores flags that are not options. */
export function optionsFromFlags(values: ParsedFlags["values"], env: Environment, configText?: string): BuiltOptions {
  const variables = readVariables(env);
  const configFile = configFileOf(values, variables);
  const fromFile = configFile === undefined ? { given: new Map(), errors: [] } : readConfigFile(configFile, configText);
  const built = buildOptions([givenByFlags(values), variables.given, fromFile.given]);
  const errors = [...variables.errors, ...fromFile.errors, ...("errors" in built ? built.errors : [])];
  return errors.length > 0 ? { errors } : built;
}

function configFileOf(values: ParsedFlags["values"], variables: Variables): string | undefined {
  return values.get(CONFIG_FLAG)?.at(-1) ?? variables.configFile;
}

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
  const names = new Map(OPTION_NAMES.map((name) => [variableName(name), name]));
  const configVariable = variableName(CONFIG_FILE.name);
  const given = new Map<OptionName, Given>();
  const errors: string[] = [];
  let configFile: string | undefined;
  for (const [variable, text] of Object.entries(env)) {
    // Compose files and CI systems leave a variable empty when it has no value.
    if (!variable.startsWith("CLUSTER_DNS_") || text === undefined || text === "") continue;
    if (variable === DEBUG_VARIABLE || isServiceLink(variable, text)) continue;
    const name = names.get(variable);
    if (name !== undefined) given.set(name, { where: variable, texts: [text] });
    else if (variable === configVariable) configFile = text;
    else {
      const suggestion = didYouMean(variable, [...names.keys(), configVariable]);
      errors.push(`unknown environment variable ${variable}${suggestion}`);
    }
  }
  return { given, configFile, errors };
}

/**
 * For a Service named `cluster-dns…`, Kubernetes sets CLUSTER_DNS_SERVICE_HOST, CLUSTER_DNS_PORT=udp://… and more in
 * every pod of the namespace. They are not misspelt options.
 */
function isServiceLink(variable: string, text: string): boolean {
  if (variable.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(text)) return true;
  return /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(variable);
}

function readConfigFile(file: string, known?: string): { given: GivenOptions; errors: readonly string[] } {
  let text: string;
  try {
    text = known ?? readBounded(file);
    if (text.length > CONFIG_LENGTH_MAX) throw new Error(`it has more than ${CONFIG_LENGTH_MAX} characters`);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    const reason = errno === undefined ? (error as Error).message : getSystemErrorMessage(errno);
    return { given: new Map(), errors: [`cannot read the configuration file ${file}: ${reason}`] };
  }
  return parseConfigFile(text, file);
}

/** The text of a file or pipe; of a larger one, a little more than it may have. */
function readBounded(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(4 * CONFIG_LENGTH_MAX + 1);
    let size = 0;
    for (let read = 1; read > 0 && size < bytes.length; size += read) {
      read = readSync(descriptor, bytes, size, bytes.length - size, null);
    }
    return bytes.toString("utf8", 0, size);
  } finally {
    closeSync(descriptor);
  }
}
