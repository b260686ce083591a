// The help of commands: the text of `--help`, and usage errors that point to it.
// Each command has its own texts.
import type { HelpRow } from "../config/options-page.ts";
import type { CommandIo } from "./command-io.ts";

const HELP_COLUMN = 30;
const HELP_WIDTH = 96;
const EXIT_USAGE = 2;

/** The help of a command. Lines of `about` have at most 96 columns. */
export interface CommandHelp {
  readonly name: string;
  /** Operands and `[FLAGS]`, without the name. */
  readonly usage: string;
  /** Words that can be operands, such as record types; those named PATH are files. */
  readonly words?: readonly string[];
  readonly about: readonly string[];
  readonly flags: readonly HelpRow[];
  readonly examples: readonly string[];
}

/** The help of a command, with its line in the list of commands. */
export interface DescribedCommand extends CommandHelp {
  readonly summary: string;
}

/** The text of `cluster-dns NAME --help`. */
export function formatCommandHelp(help: CommandHelp): string {
  const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join("");
  const about = help.about.map((line) => `${line}\n`).join("");
  const flags = help.flags.length === 0 ? "" : `Flags:\n${formatHelpRows(help.flags)}\n`;
  return (
    `Usage: cluster-dns ${help.name} ${help.usage}\n\n${about}\n` + `${flags}Examples:\n${indented(help.examples)}`
  );
}

/** Whether `args` has `--help` or `-h` before any `--`. */
export function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const flags = end === -1 ? args : args.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

/** Writes usage errors of a command to stderr, and how to get help; returns the exit code. */
export function refuseUsage(command: string, errors: readonly string[], { stderr }: CommandIo): number {
  for (const error of errors) stderr.write(`cluster-dns ${command}: ${error}\n`);
  stderr.write(`Run cluster-dns ${command} --help for the flags.\n`);
  return EXIT_USAGE;
}

/** Two columns: flags and wrapped help. Each line ends in a newline. */
function formatHelpRows(rows: readonly HelpRow[]): string {
  const lines: string[] = [];
  for (const { flag, help } of rows) {
    const head = `  ${flag}`;
    const [first = "", ...rest] = wrap(help, HELP_WIDTH - HELP_COLUMN);
    if (head.length < HELP_COLUMN) lines.push(head.padEnd(HELP_COLUMN) + first);
    else lines.push(head, " ".repeat(HELP_COLUMN) + first);
    lines.push(...rest.map((line) => " ".repeat(HELP_COLUMN) + line));
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** `text` in lines of at most `width` characters, but for longer words. */
export function wrap(text: string, width: number): string[] {
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
