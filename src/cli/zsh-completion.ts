// The completion script for zsh: the function `_cluster-dns` of its completion system (zshcompsys(1)). Works as a file
// in a folder of fpath, and when it is evaluated.
import type { Candidates, CompletableCommand, CompletableFlag } from "./completable-command.ts";

/** The script for these commands. */
export function formatZshCompletion(commands: readonly CompletableCommand[]): string {
  const names = commands.map(({ name, summary }) => `      ${quote(`${name}:${escape(summary)}`)}`);
  return `#compdef cluster-dns
# Completes cluster-dns in zsh. Made by: cluster-dns completion zsh
_cluster-dns() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${names.join("\n")}
    )
    _describe -t commands command commands
    _arguments '--help[show the commands]' '--version[show the version]'
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${commands.map(formatCommand).join("\n")}
  esac
}
if [[ $funcstack[1] == _cluster-dns ]]; then
  _cluster-dns "$@"
else
  compdef _cluster-dns cluster-dns
fi
`;
}

function formatCommand({ name, flags, operands }: CompletableCommand): string {
  const specs = [...flags.map(formatFlag), `*:operand:${formatAction(operands)}`].map((spec) => ` ${quote(spec)}`);
  return `    ${name}) _arguments -S${specs.map((spec) => ` \\\n     ${spec}`).join("")} ;;`;
}

/** A flag may be given again: an option with one value takes the last. */
function formatFlag({ name, summary, value }: CompletableFlag): string {
  if (value === undefined) return `*${name}[${escape(summary)}]`;
  return `*${name}=[${escape(summary)}]:${escape(value.placeholder)}:${formatAction(value.candidates)}`;
}

function formatAction(candidates: Candidates): string {
  if (candidates === "files") return "_files";
  if (candidates === "folders") return "_files -/";
  return candidates.length === 0 ? " " : `(${candidates.join(" ")})`;
}

/** Text within a specification of _arguments and _describe. */
function escape(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
