// The option table as text for people: the flags of `--help`, and docs/options.md.
// Only shows what the table says; writes no file.
import { flagName, keyName, OPTION_NAMES, optionRow, variableName } from "./option-names.ts";
import type { OptionForm } from "./option-row.ts";
import { CONFIG_FILE } from "./option-table.ts";

/** A flag as written, and what it does. */
export interface HelpRow {
  readonly flag: string;
  readonly help: string;
}

/** These options as flags, and `--config`: for `--help`. */
export function optionHelpRows(names = OPTION_NAMES): readonly HelpRow[] {
  return [...names.map((name) => helpRow(name, optionRow(name))), helpRow(CONFIG_FILE.name, CONFIG_FILE)];
}

function helpRow(name: string, option: OptionForm): HelpRow {
  const repeat = option.form === "list" ? "; may be repeated" : "";
  return { flag: writtenFlag(name, option), help: `${option.help}${repeat}${defaultText(option)}` };
}

function defaultText(option: OptionForm): string {
  return option.default === undefined || option.form === "switch" ? "" : ` (default ${option.default})`;
}

function writtenFlag(name: string, { placeholder }: OptionForm): string {
  return placeholder === undefined ? flagName(name) : `${flagName(name)} ${placeholder}`;
}

/** The whole of docs/options.md. */
export function formatOptionsPage(): string {
  const rows = OPTION_NAMES.map((name) => {
    const option = optionRow(name);
    const initial = option.default === undefined ? "" : `\`${option.default}\``;
    return `| \`${writtenFlag(name, option)}\` | ${initial} | ${option.help} |`;
  });
  const spellings = [
    ...OPTION_NAMES.map((name) => `${formatFlagAndVariable(name)} \`${keyName(name)}\` | \`${name}\` |`),
    `${formatFlagAndVariable(CONFIG_FILE.name)}  |  |`,
  ];
  const embedded = OPTION_NAMES.flatMap((name) => {
    const text = optionRow(name).embeddedDefault;
    return text === undefined ? [] : [`\`${name}\` \`${text}\``];
  });
  const file = OPTION_NAMES.map((name) => `${keyName(name)}: ${yamlExample(optionRow(name))}`);
  return PAGE.replace("ROWS", () => rows.join("\n"))
    .replace("SPELLINGS", () => spellings.join("\n"))
    .replace("EMBEDDED-DEFAULTS", () => embedded.join(", "))
    .replace("OPTIONS-FILE", () => file.join("\n"));
}

function formatFlagAndVariable(name: string): string {
  return `| \`${flagName(name)}\` | \`${variableName(name)}\` |`;
}

function yamlExample(option: OptionForm): string {
  // Quoted because a bracketed IPv6 address would begin a YAML list.
  return option.form === "list"
    ? `[${option.example
        .split(",")
        .map((item) => `"${item}"`)
        .join(", ")}]`
    : option.example;
}

const PAGE = `# Options
This page is made from the option table in \`src/config/option-table.ts\`; a test holds them equal
(\`npx vitest run test/config -u\` writes the page anew).

## What can be set
| flag of \`serve\` | default | what it does |
| --- | --- | --- |
ROWS

Flags that take a list may be repeated, or hold several values with commas between them. A switch is on when it is
written alone; \`--endpoint-pod-names=false\` turns it off. \`--\` ends the flags.

## Where
A flag wins over an environment variable, a variable over the configuration file, and the file over the default. An
option is taken as a whole: a \`--listen\` flag replaces all addresses of the file.

| flag | variable | key in the file | setting of \`serve()\` |
| --- | --- | --- | --- |
SPELLINGS

- Variables hold lists with commas. An empty variable counts as not set.
- The file is YAML and named by \`--config FILE\` or \`${variableName(CONFIG_FILE.name)}\`.
- \`serve()\` in a program has other defaults for some settings: EMBEDDED-DEFAULTS.
- Unknown flags, variables, keys and values are errors that name the nearest right one: exit code 2, nothing is served.
  Variables that Kubernetes sets for a Service named \`cluster-dns\` are not taken for options.

A file that sets everything:

\`\`\`yaml
OPTIONS-FILE
\`\`\`

## Exit codes
| code | meaning |
| --- | --- |
| 0 | done; for \`serve\`: stopped by SIGTERM or SIGINT; for \`query\`: the answer is NOERROR |
| 1 | failed: a port is taken, a path is missing; for \`query\`: any other answer |
| 2 | wrong usage; for \`query\` also: no reply |
| 70 | a fault of the program itself; with \`CLUSTER_DNS_DEBUG=1\` its stack is shown |
| 130, 143 | a second SIGINT or SIGTERM cut the end of \`serve\` short |
`;
