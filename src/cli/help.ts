// How a command shows its flags, and how it notices that it is asked to.
// Only formats what it is given; each command keeps its own texts.
import type { HelpRow } from "../config/options-page.ts";

const HELP_COLUMN = 30;
const HELP_WIDTH = 96;

/** What `--help` says of a command. Lines of `about` have at most 96 columns. */
export interface CommandHelp {
  readonly name: string;
  /** What stands behind the name: operands and `[FLAGS]`. */
  readonly usage: string;
  readonly about: readonly string[];
  readonly flags: readonly HelpRow[];
  readonly examples: readonly string[];
}

/** The text of `cluster-dns NAME --help`. */
export function formatCommandHelp(help: CommandHelp): string {
  const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join("");
  const about = help.about.map((line) => `${line}\n`).join("");
  return (
    `Usage: cluster-dns ${help.name} ${help.usage}\n\n${about}\n` +
    `Flags:\n${formatHelpRows(help.flags)}\nExamples:\n${indented(help.examples)}`
  );
}

/** Whether the command line asks for help: `--help` or `-h` before any `--`. */
export function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const flags = end === -1 ? args : args.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

/** Flags in one column, wrapped help in the other; each line ends in a newline. */
function formatHelpRows(rows: readonly HelpRow[]): string {
  const lines: string[] = [];
  for (const { flag, help } of rows) {
    const head = `  ${flag}`;
    const [first = "", ...others] = wrap(help, HELP_WIDTH - HELP_COLUMN);
    if (head.length < HELP_COLUMN) lines.push(head.padEnd(HELP_COLUMN) + first);
    else lines.push(head, " ".repeat(HELP_COLUMN) + first);
    lines.push(...others.map((line) => " ".repeat(HELP_COLUMN) + line));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
