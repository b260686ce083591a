// The option table as text for people: the flags of `--help`, and docs/options.md.
// Pure: a test compares the page with the file.
import { flagName, keyName, OPTION_NAMES, optionRow, variableName } from "./option-names.ts";
import type { OptionForm } from "./option-row.ts";
import { CONFIG_FILE } from "./option-table.ts";

/** A flag with its placeholder, and what it does. */
export interface HelpRow {
  readonly flag: string;
  readonly help: string;
  /** All values of the flag, where these are words. */
  readonly choices?: readonly string[];
}

/** The rows of `--help` for these options and `--config`. */
export function optionHelpRows(names = OPTION_NAMES): readonly HelpRow[] {
  return [...names.map((name) => helpRow(name, optionRow(name))), helpRow(CONFIG_FILE.name, CONFIG_FILE)];
}

function helpRow(name: string, option: OptionForm): HelpRow {
  const notes = [
    ...(option.form === "list" ? ["repeatable"] : []),
    ...(option.default === undefined || option.form === "switch" ? [] : [`default ${option.default}`]),
  ].join("; ");
  return {
    flag: writtenFlag(name, option),
    help: notes === "" ? option.help : `${option.help} (${notes})`,
    ...(option.choices && { choices: option.choices }),
  };
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
  const changeable = OPTION_NAMES.filter((name) => optionRow(name).canChange).map((name) => `\`${keyName(name)}\``);
  const file = OPTION_NAMES.map((name) => `${keyName(name)}: ${yamlExample(optionRow(name))}`);
  return PAGE.replace("ROWS", () => rows.join("\n"))
    .replace("SPELLINGS", () => spellings.join("\n"))
    .replace("CHANGEABLE", () => changeable.join(", "))
    .replace("EMBEDDED-DEFAULTS", () => embedded.join(", "))
    .replace("OPTIONS-FILE", () => file.join("\n"));
}

function formatFlagAndVariable(name: string): string {
  return `| \`${flagName(name)}\` | \`${variableName(name)}\` |`;
}

function yamlExample(option: OptionForm): string {
  // Quotes, because a bracketed IPv6 address would begin a YAML list.
  return option.form === "list"
    ? `[${option.example
        .split(option.separator ?? ",")
        .map((item) => `"${item}"`)
        .join(", ")}]`
    : option.example;
}

const PAGE = `# Options
What each option of a server does, and how to set it. For example, DNS over TLS on all IPv4 addresses:
\`cluster-dns serve manifests --listen tls://0.0.0.0 --tls-cert tls.crt --tls-key tls.key\`.

This page is generated from the option table in \`src/config/option-table.ts\`; a test holds them equal
(\`npx vitest run test/config -u\` writes the page).

## Reference
| flag of \`serve\` | default | what it does |
| --- | --- | --- |
ROWS

Flags with a list can be repeated, and take several values separated by commas; line ends separate those of
\`--rewrite\` and \`--cluster\`, which may have commas. A switch is on when it is written without a value;
\`--simulate-pods=false\` turns it off. \`--\` ends the flags.

## Flags, variables, configuration file, settings
A flag wins over an environment variable, a variable over the configuration file, and the file over the default. The
winner gives all values of an option: a \`--listen\` flag replaces all addresses of the file.

| flag | variable | key in the file | setting of \`serve()\` |
| --- | --- | --- | --- |
SPELLINGS

- In a variable, commas separate the values of a list; line ends separate those of \`rewrite\` and \`cluster\`. An
  empty variable counts as not set.
- The configuration file is YAML; \`--config FILE\` or \`${variableName(CONFIG_FILE.name)}\` names it. It is followed:
  a server that runs takes over new values of
  CHANGEABLE.
  New values of other options are named in the log, and need a restart; a file with errors changes nothing.
- \`serve()\` in a program has other defaults for some settings: EMBEDDED-DEFAULTS.
- Unknown flags, variables, keys and values are errors that suggest the nearest known one: exit code 2, and nothing is
  served. Variables that Kubernetes sets for a Service named \`cluster-dns\` are ignored.

A configuration file that sets every option:

\`\`\`yaml
OPTIONS-FILE
\`\`\`

## Exit codes
| code | meaning |
| --- | --- |
| 0 | success; for \`serve\`: stopped by SIGTERM or SIGINT; for \`query\`: the answer is NOERROR |
| 1 | failure: a port is taken, a path does not exist; for \`query\`: any other answer |
| 2 | wrong usage; for \`query\` also: no reply |
| 70 | internal error; \`CLUSTER_DNS_DEBUG=1\` shows its stack |
| 130, 143 | a second SIGINT or SIGTERM cut the shutdown of \`serve\` short |
| 131 | SIGQUIT ended \`serve\` at once |
`;
