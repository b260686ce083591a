// The completion script for bash, from 4.0 on: a function that sets COMPREPLY (bash(1), Programmable Completion).
// Needs no other package.
import type { Candidates, CompletableCommand, CompletableFlag } from "./completable-command.ts";

/** The script for these commands. */
export function formatBashCompletion(commands: readonly CompletableCommand[]): string {
  const names = [...commands.map(({ name }) => name), "--help", "--version"].join(" ");
  return `# Completes cluster-dns in bash. Made by: cluster-dns completion bash
_cluster_dns() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words=
  # Bash makes three words of --flag=value.
  if [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [ "$current" = = ]; then current=; fi
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names}"
  else
    case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap(formatValueCases).join("\n")}
      *)
        case "\${COMP_WORDS[1]} $current" in
${commands.flatMap(formatOperandCases).join("\n")}
        esac
        ;;
    esac
  fi
  # Candidates are words without spaces.
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _cluster_dns cluster-dns
`;
}

/** The flags of a command that take a value, a case for each kind of value. */
function formatValueCases({ name, flags }: CompletableCommand): string[] {
  const patterns = new Map<string, string[]>();
  for (const flag of flags) {
    if (flag.value === undefined) continue;
    const action = formatAction(flag.value.candidates);
    patterns.set(action, [...(patterns.get(action) ?? []), `"${name} ${flag.name}"`]);
  }
  return [...patterns].map(([action, each]) => `      ${each.join(" | ")}) ${action} ;;`);
}

function formatOperandCases({ name, flags, operands }: CompletableCommand): string[] {
  const flagCase = `          "${name} -"*) ${formatAction(flags.map(nameOf))} ;;`;
  return [flagCase, `          "${name} "*) ${formatAction(operands)} ;;`];
}

const nameOf = ({ name }: CompletableFlag): string => name;

/** Where a list is empty, readline completes files or folders. */
function formatAction(candidates: Candidates): string {
  if (candidates === "files") return "compopt -o default";
  return candidates === "folders" ? "compopt -o dirnames" : `words="${candidates.join(" ")}"`;
}
