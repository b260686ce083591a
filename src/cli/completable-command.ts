// What a shell can complete after `cluster-dns`: commands, their flags, and words or files for values and operands.
// The scripts of all shells are written from this; it is read from the help of the commands.
import type { HelpRow } from "../config/options-page.ts";
import type { DescribedCommand } from "./help.ts";

/** What completes a value or an operand. An empty list: nothing is known of it. */
export type Candidates = readonly string[] | "files" | "folders";

/** A flag; `value` is absent for a switch. */
export interface CompletableFlag {
  readonly name: string;
  readonly summary: string;
  readonly value?: { readonly placeholder: string; readonly candidates: Candidates };
}

/** A command, with what completes its operands. */
export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletableFlag[];
  readonly operands: Candidates;
}

const HELP_FLAG: CompletableFlag = { name: "--help", summary: "show the flags of the command" };

/** The commands as a shell completes them; `help` takes the name of one. */
export function completableCommands(commands: readonly DescribedCommand[]): readonly CompletableCommand[] {
  const completable = commands.map(({ name, summary, usage, flags, words = [] }) => ({
    name,
    summary,
    flags: [...flags.map(completableFlag), HELP_FLAG],
    operands: usage.includes("PATH") ? ("files" as const) : words,
  }));
  const names = commands.map(({ name }) => name);
  return [...completable, { name: "help", summary: "show the flags of a command", flags: [], operands: names }];
}

function completableFlag({ flag, help, choices = [] }: HelpRow): CompletableFlag {
  const [name = "", placeholder] = flag.split(/ (.*)/);
  // The line of a menu has space for the first clause.
  const summary = help.split(/[.;:] | \(/, 1)[0]!;
  if (placeholder === undefined) return { name, summary };
  return { name, summary, value: { placeholder, candidates: candidatesOf(placeholder, choices) } };
}

function candidatesOf(placeholder: string, choices: readonly string[]): Candidates {
  if (placeholder === "FILE" || placeholder === "PATH") return "files";
  return placeholder === "DIR" ? "folders" : choices;
}
