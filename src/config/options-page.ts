// The option table as text for people: the flags of `--help`, and docs/options.md.
// Only shows what the table says; writes no file.
import { CONFIG_FILE, flagName, OPTION_NAMES, OPTION_TABLE, settingName, variableName } from "./option-table.ts";
import type { OptionForm } from "./option-table.ts";

/** A flag as written, and what it does. */
export interface HelpRow {
  readonly flag: string;
  readonly help: string;
}

/** The options as flags of `serve`, for `--help`. */
export function optionHelpRows(): readonly HelpRow[] {
  const rows = OPTION_NAMES.map((name) => helpRow(name, OPTION_TABLE[name]));
  return [...rows, helpRow(CONFIG_FILE.name, CONFIG_FILE)];
}

function helpRow(name: string, option: OptionForm): HelpRow {
  const repeat = option.form === "list" ? "; may be repeated" : "";
  return { flag: writtenFlag(name, option), help: `${option.help}${repeat}${defaultText(option)}` };
}

function defaultText(option: OptionForm): string {
  return option.initial === undefined || option.form === "switch" ? "" : ` (default ${option.initial})`;
}

function writtenFlag(name: string, option: OptionForm): string {
  return `${flagName(name)} ${option.placeholder}`.trimEnd();
}

/** The whole of docs/options.md. */
export function formatOptionsPage(): string {
  const rows = OPTION_NAMES.map((name) => {
    const option = OPTION_TABLE[name];
    const initial = option.initial === undefined ? "" : `\`${option.initial}\``;
    return `| \`${writtenFlag(name, option)}\` | ${initial} | ${option.help} |`;
  });
  const spellings = [...OPTION_NAMES, CONFIG_FILE.name].map((name) => {
    const key = name === CONFIG_FILE.name ? "" : `\`${name}\``;
    const setting = name === CONFIG_FILE.name ? "" : `\`${settingName(name)}\``;
    return `| \`${flagName(name)}\` | \`${variableName(name)}\` | ${key} | ${setting} |`;
  });
  const file = OPTION_NAMES.map((name) => `${name}: ${yamlExample(OPTION_TABLE[name])}`);
  return PAGE.replace("ROWS", () => rows.join("\n"))
    .replace("SPELLINGS", () => spellings.join("\n"))
    .replace("OPTIONS-FILE", () => file.join("\n"));
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
- Programs that call \`serve()\` listen on a free port (\`127.0.0.1:0\`) and log nothing (\`silent\`) unless told to.
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
