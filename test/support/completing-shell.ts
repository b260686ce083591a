// Shells that complete a line as for a person: bash and zsh at a terminal of their own, with a Tab at the line's end;
// fish by its `complete -C`. The command is a function that shows its arguments, so that nothing else is started.
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Completes the last word of a line, and returns that word; as it is where there are no or many candidates. */
export interface CompletingShell {
  complete(line: string): Promise<string>;
  close(): void;
}

const SHOW_ARGUMENTS = `cluster-dns() { printf 'arguments:'; printf '<%s>' "$@"; echo; }\n`;

/** A shell at a terminal in `folder`, which is started by `command` and reads `setup` first. */
export async function openTerminal(command: string, folder: string, setup: string): Promise<CompletingShell> {
  writeFileSync(join(folder, "setup"), `PS1= PS2=\n${setup}\n${SHOW_ARGUMENTS}echo ready for lines\n`);
  const env = { ...process.env, TERM: "dumb", HOME: folder, HISTFILE: "", INPUTRC: "/dev/null" };
  const child = spawn("script", ["-qfec", command, "/dev/null"], { cwd: folder, env });
  const output = new Output(child);
  child.stdin.write(". ./setup\n");
  await output.next(/^ready for lines\r?$/m);
  return {
    complete: async (line) => {
      child.stdin.write(`${line}\t\n`);
      const [, words = ""] = await output.next(/arguments:(<.*>)\r?\n/);
      return words.split(/[<>]+/).at(-2)!;
    },
    close: () => void child.kill("SIGKILL"),
  };
}

/** fish in `folder`, with the completion script `script`. */
export function openFish(folder: string, script: string): CompletingShell {
  return {
    complete: (line) => {
      const command = `source ${script}; complete -C '${line}'`;
      const env = { ...process.env, HOME: folder };
      const out = execFileSync("fish", ["--no-config", "-c", command], { cwd: folder, env, encoding: "utf8" });
      const candidates = out.trimEnd().split("\n");
      return Promise.resolve(
        out === "" || candidates.length > 1 ? line.split(" ").at(-1)! : candidates[0]!.split("\t")[0]!,
      );
    },
    close: () => undefined,
  };
}

/** What a terminal shows, in pieces that end where a pattern does. */
class Output {
  #text = "";
  #look: () => void = () => undefined;
  #hasEnded = false;

  constructor(child: ChildProcess) {
    child.stdout!.on("data", (data: Buffer) => {
      this.#text += data.toString();
      this.#look();
    });
    child.once("close", () => {
      this.#hasEnded = true;
      this.#look();
    });
  }

  next(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        const found = pattern.exec(this.#text);
        if (found !== null) {
          this.#text = this.#text.slice(found.index + found[0].length);
          this.#look = () => undefined;
          resolve(found);
        } else if (this.#hasEnded) reject(new Error(`the shell ended; it showed:\n${this.#text}`));
      };
      this.#look();
    });
  }
}
