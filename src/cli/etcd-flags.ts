// The flags that say where etcd is and how to get in, for commands that write into it.
// Reads the files that they name, once. Faults are lines, added to those of the command.
import { parseFileName, parseText } from "../config/option-values.ts";
import type { Parsed } from "../config/option-values.ts";
import type { HelpRow } from "../config/options-page.ts";
import type { ParsedFlags } from "../config/parse-flags.ts";
import type { EtcdAccess } from "../etcd/http-json.ts";
import { readBoundedFileSync } from "../files/read-file.ts";
import { flagReader } from "./flag-reader.ts";

export const ETCD_FLAGS = {
  "--etcd-endpoint": "value",
  "--etcd-prefix": "value",
  "--etcd-ca": "value",
  "--etcd-cert": "value",
  "--etcd-key": "value",
  "--etcd-user": "value",
  "--etcd-password-file": "value",
} as const;

const DEFAULT_ENDPOINT = "http://127.0.0.1:2379";
const DEFAULT_PREFIX = "/skydns";
/** Far more than a chain of certificates. */
const FILE_BYTES_MAX = 1 << 20;

export const ETCD_HELP: readonly HelpRow[] = [
  {
    flag: "--etcd-endpoint URL",
    help: `A member of etcd; can be given several times: the first that answers is asked (default ${DEFAULT_ENDPOINT})`,
  },
  { flag: "--etcd-prefix PATH", help: `What all keys of records begin with (default ${DEFAULT_PREFIX})` },
  { flag: "--etcd-ca FILE", help: "Certificates that sign those of etcd (PEM). Without it, those of the system" },
  { flag: "--etcd-cert FILE", help: "Client certificate for etcd (PEM)" },
  { flag: "--etcd-key FILE", help: "Private key of --etcd-cert (PEM)" },
  { flag: "--etcd-user NAME", help: "User of etcd, where it wants one" },
  { flag: "--etcd-password-file FILE", help: "File with the password of --etcd-user" },
];

/** Where to write, and what keys begin with. */
export interface EtcdTarget {
  readonly access: EtcdAccess;
  readonly prefix: string;
}

/** Reads the flags; undefined: there are faults, which are added to the others. */
export function readEtcdFlags(values: ParsedFlags["values"], faults: string[]): EtcdTarget | undefined {
  const before = faults.length;
  const read = flagReader(values, faults);
  const endpoints = (values.get("--etcd-endpoint") ?? [DEFAULT_ENDPOINT]).flatMap((text) => {
    const parsed = parseEndpoint(text);
    if ("value" in parsed) return [parsed.value];
    faults.push(`--etcd-endpoint: ${JSON.stringify(text)} ${parsed.fault}`);
    return [];
  });
  const prefix = read("--etcd-prefix", DEFAULT_PREFIX, parsePrefixPath);
  const file = (flag: string): string | undefined => readFile(values, flag, faults);
  const [ca, cert, key] = [file("--etcd-ca"), file("--etcd-cert"), file("--etcd-key")];
  const password = file("--etcd-password-file")?.replace(/\r?\n$/, "");
  const user = values.has("--etcd-user") ? read("--etcd-user", "", parseText) : undefined;
  for (const [one, other] of PAIRS)
    if (values.has(one) !== values.has(other)) faults.push(`${one} and ${other} go together`);
  const isSecure = endpoints.some(({ protocol }) => protocol === "https:");
  if (ca !== undefined && !isSecure) faults.push("--etcd-ca needs an --etcd-endpoint with https");
  if (faults.length > before || prefix === undefined) return undefined;
  return {
    prefix,
    access: {
      endpoints,
      tls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && key !== undefined && { cert, key }) },
      ...(user !== undefined && password !== undefined && { login: { user, password } }),
    },
  };
}

const PAIRS = [
  ["--etcd-cert", "--etcd-key"],
  ["--etcd-user", "--etcd-password-file"],
] as const;

function parseEndpoint(text: string): Parsed<URL> {
  const value = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = value !== undefined && value.pathname === "/" && value.search === "" && value.username === "";
  if (isBare && /^https?:$/.test(value.protocol) && value.hostname !== "") return { value };
  return { fault: `is not a URL such as ${DEFAULT_ENDPOINT}` };
}

/** Parts of letters, digits, `.`, `-` and `_`, each after a slash. */
function parsePrefixPath(text: string): Parsed<string> {
  const path = text.replace(/\/$/, "");
  return /^(\/[\w.-]+)+$/.test(path) ? { value: path } : { fault: "is not a path such as /skydns" };
}

function readFile(values: ParsedFlags["values"], flag: string, faults: string[]): string | undefined {
  const text = values.get(flag)?.at(-1);
  if (text === undefined) return undefined;
  const path = parseFileName(text);
  const content = "value" in path ? readBoundedFileSync(path.value, FILE_BYTES_MAX) : path;
  if (!("fault" in content)) return content.bytes.toString();
  const reason = "code" in content ? content.code : content.fault;
  faults.push(`${flag}: cannot read ${JSON.stringify(text)} (${reason})`);
  return undefined;
}
