// The completion script for fish: one `complete` line for each command, flag and kind of operand. The command is the
// second word of the line.
import type { Candidates, CompletableCommand, CompletableFlag } from "./completable-command.ts";

/** The script for these commands. */
export function formatFishCompletion(commands: readonly CompletableCommand[]): string {
  const lines = [
    ...commands.map(({ name, summary }) => formatLine("", `-a ${name}`, summary)),
    formatLine("", "-l help", "show the commands"),
    formatLine("", "-l version", "show the version"),
    ...commands.flatMap(({ name, flags, operands }) => [
      ...flags.map((flag) => formatLine(name, formatFlag(flag), flag.summary)),
      ...(operands.length === 0 ? [] : [formatLine(name, formatOperands(operands))]),
    ]),
  ];
  return `# Completes cluster-dns in fish. Made by: cluster-dns completion fish
function __cluster_dns_command_is
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end
complete -c cluster-dns -f
${lines.join("\n")}
`;
}

/** A line that counts where the command is `command`; "": where there is none yet. */
function formatLine(command: string, what: string, summary?: string): string {
  const described = summary === undefined ? what : `${what} -d ${quote(summary)}`;
  return `complete -c cluster-dns -n '__cluster_dns_command_is "${command}"' ${described}`;
}

function formatFlag({ name, value }: CompletableFlag): string {
  const flag = `-l ${name.replace(/^--/, "")}`;
  if (value === undefined) return flag;
  const { candidates } = value;
  return candidates.length === 0 ? `${flag} -x` : `${flag} -r ${formatOperands(candidates)}`;
}

function formatOperands(candidates: Candidates): string {
  if (candidates === "files") return "-F";
  return candidates === "folders" ? "-f -a '(__fish_complete_directories)'" : `-f -a ${quote(candidates.join(" "))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
