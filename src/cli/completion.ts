// `cluster-dns completion`: prints a script by which a shell completes commands, flags and their values. The scripts
// are made from the help of the commands, and so from the option table; they start no Node.js.
import { parseFlags } from "../config/parse-flags.ts";
import { parseChoice } from "../config/option-values.ts";
import { formatBashCompletion } from "./bash-completion.ts";
import type { CommandIo } from "./command-io.ts";
import { completableCommands } from "./completable-command.ts";
import type { CompletableCommand } from "./completable-command.ts";
import { formatFishCompletion } from "./fish-completion.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp, DescribedCommand } from "./help.ts";
import { formatZshCompletion } from "./zsh-completion.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
const FORMATS: Readonly<Record<(typeof SHELLS)[number], (commands: readonly CompletableCommand[]) => string>> = {
  bash: formatBashCompletion,
  zsh: formatZshCompletion,
  fish: formatFishCompletion,
};

export const HELP: CommandHelp = {
  name: "completion",
  usage: "SHELL",
  words: SHELLS,
  about: [
    `Prints a script that completes commands, flags and their values. SHELL is one of ${SHELLS.join(", ")}.`,
    "docs/shell.md says where each shell looks for it.",
  ],
  flags: [],
  examples: [
    'eval "$(cluster-dns completion bash)"',
    "cluster-dns completion zsh > ~/.zfunc/_cluster-dns",
    "cluster-dns completion fish > ~/.config/fish/completions/cluster-dns.fish",
  ],
};

/** Prints the script; resolves with the exit code: 0, or 2 on wrong usage. `describe` lists all commands. */
export async function run(
  args: readonly string[],
  io: CommandIo,
  describe: () => Promise<readonly DescribedCommand[]>,
): Promise<number> {
  const { operands, errors } = parseFlags(args, {});
  const [shell, extra] = operands;
  if (errors.length > 0) return refuseUsage(HELP.name, errors, io);
  if (shell === undefined) return refuseUsage(HELP.name, [`no shell given: one of ${SHELLS.join(", ")}`], io);
  if (extra !== undefined) return refuseUsage(HELP.name, [`unexpected argument ${JSON.stringify(extra)}`], io);
  const chosen = parseChoice(shell, SHELLS);
  if ("fault" in chosen) return refuseUsage(HELP.name, [`${JSON.stringify(shell)} ${chosen.fault}`], io);
  io.stdout.write(FORMATS[chosen.value](completableCommands(await describe())));
  return 0;
}
