// The man pages: cluster-dns(1), and one for each command, from the same texts as `--help`. Pure; tools/build.ts writes
// them. The language is man(7), which both mandoc and groff read.
import { wrap } from "../src/cli/help.ts";
import type { DescribedCommand } from "../src/cli/help.ts";

/** What mandoc accepts, without the escape of a dot. */
const LINE_BYTES_MAX = 78;

/** What pages say of the program as a whole. */
export interface ProgramTexts {
  readonly version: string;
  readonly description: string;
  readonly exitCodes: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** The pages by the names of their files. */
export function formatManPages(
  commands: readonly DescribedCommand[],
  texts: ProgramTexts,
): ReadonlyMap<string, string> {
  return new Map([
    ["cluster-dns.1", formatProgramPage(commands, texts)],
    ...commands.map((command) => [`cluster-dns-${command.name}.1`, formatCommandPage(command, texts)] as const),
  ]);
}

function formatProgramPage(commands: readonly DescribedCommand[], texts: ProgramTexts): string {
  const rows = commands.map(({ name, summary }) => formatItem(reference(name), summary));
  return formatPage("cluster-dns", texts.description, texts, [
    section("SYNOPSIS", [".B cluster\\-dns", text("COMMAND [ARGUMENTS]")]),
    section("DESCRIPTION", [text(`${texts.description}. The first argument names a command:`), ...rows]),
    section("EXIT STATUS", [text(`${texts.exitCodes}.`)]),
    section("SEE ALSO", references(commands.map(({ name }) => `cluster-dns-${name}`))),
  ]);
}

function formatCommandPage(command: DescribedCommand, texts: ProgramTexts): string {
  const { name, usage, about, flags, examples, summary } = command;
  const options = flags.map(({ flag, help }) => {
    const [written = "", placeholder] = flag.split(/ (.*)/);
    return formatItem(`${bold(written)}${placeholder === undefined ? "" : ` ${italic(placeholder)}`}`, `${help}.`);
  });
  return formatPage(`cluster-dns-${name}`, summary, texts, [
    section("SYNOPSIS", [`.B cluster\\-dns ${text(name)}`, text(usage)]),
    section("DESCRIPTION", about.map(text)),
    section("OPTIONS", options),
    section("EXAMPLES", [".nf", ...examples.map(text), ".fi"]),
    section("SEE ALSO", references(["cluster-dns"])),
  ]);
}

function formatPage(name: string, summary: string, texts: ProgramTexts, sections: readonly string[]): string {
  const head = `.TH ${name.toUpperCase()} 1 ${texts.date} "cluster-dns ${texts.version}" "User Commands"`;
  return `${head}${section("NAME", [text(`${name} - ${summary}`)])}${sections.join("")}\n`;
}

/** "" where there is nothing to say. */
function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n.SH ${title}\n${lines.join("\n")}`;
}

function formatItem(head: string, body: string): string {
  return `.TP\n${head}\n${text(body)}`;
}

function references(names: readonly string[]): string[] {
  return names.map((name, i) => `.BR ${text(name)} (1)${i < names.length - 1 ? "," : ""}`);
}

const bold = (words: string): string => `\\fB${text(words)}\\fR`;
const italic = (words: string): string => `\\fI${text(words)}\\fR`;
const reference = (command: string): string => `${bold(`cluster-dns-${command}`)}(1)`;

/** Words in lines that fit: hyphens that can be copied, and no macro where a line begins with a dot. */
function text(words: string): string {
  const escaped = words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll("…", "...");
  return wrap(escaped, LINE_BYTES_MAX).join("\n").replace(/^\./gm, "\\&.");
}
