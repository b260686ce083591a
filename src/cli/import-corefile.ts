// `cluster-dns import-corefile`: makes a configuration file from a Corefile of CoreDNS.
// Reads the Corefile and what it imports, prints or writes the result, and reports what is lost.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { parseFlags } from "../config/parse-flags.ts";
import { parseCorefile } from "../corefile/parse-corefile.ts";
import { translate } from "../corefile/translate.ts";
import { CONFIG_NAME, configFaults, formatConfig, formatFiles } from "../corefile/write-config.ts";
import type { WrittenFile } from "../corefile/write-config.ts";
import { formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import { visible } from "../std/visible.ts";
import type { CommandIo } from "./command-io.ts";
import { findCorefiles, readCorefile } from "./corefile-files.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp } from "./help.ts";

const NAME = "import-corefile";
const EXIT_LOST = 1;
const EXIT_USAGE = 2;

export const HELP: CommandHelp = {
  name: NAME,
  usage: "PATH [FLAGS]",
  about: [
    "Makes a configuration file from a Corefile of CoreDNS; - reads standard input. Plugins and",
    "options without a counterpart are reported on stderr with their line.",
    "Exit codes: 0 nothing is lost, 1 something is, 2 wrong usage or syntax.",
  ],
  flags: [
    {
      flag: "--output DIR",
      help: `Write ${CONFIG_NAME} and the files that it needs to this folder, instead of printing them`,
    },
  ],
  examples: [`cluster-dns ${NAME} Corefile > ${CONFIG_NAME}`, `cluster-dns ${NAME} Corefile --output dns`],
};

/** Prints or writes the configuration; resolves with the exit code: 0, 1 (something is lost), 2 (usage or syntax). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, operands, errors } = parseFlags(args, { "--output": "value" });
  const output = values.get("--output")?.at(-1);
  const usage = [
    ...errors,
    ...(operands.length === 1 ? [] : ["name one Corefile, or - for standard input"]),
    ...(output === "" ? ["--output needs the name of a folder"] : []),
  ];
  if (usage.length > 0) return refuseUsage(NAME, usage, io);
  const corefile = await readCorefile(operands[0]!, io);
  if ("code" in corefile) return report([corefile], io);

  const { blocks, problems } = parseCorefile(corefile, {
    variable: (name) => io.env[name],
    files: findCorefiles,
  });
  if (problems.some(({ severity }) => severity === "error")) return report(problems, io);
  const draft = translate(blocks);
  const config = formatConfig(draft, corefile.file);
  const faults = configFaults(config).map((fault): Problem => {
    const place = { file: corefile.file, line: 1, column: 1 };
    return { code: "corefile-lost", severity: "warning", message: fault, advice: "complete the configuration", place };
  });
  const written = [{ name: CONFIG_NAME, text: config }, ...formatFiles(draft)];
  if (output === undefined) io.stdout.write(printed(written));
  else {
    const failed = await writeFiles(output, written);
    if (failed !== undefined) return refuseUsage(NAME, [failed], io);
  }
  return report([...problems, ...draft.problems, ...faults], io);
}

/** Writes the problems to stderr; the exit code follows from the worst. */
function report(problems: readonly Problem[], io: CommandIo): number {
  for (const problem of problems) io.stderr.write(`${visible(formatProblem(problem))}\n`);
  if (problems.some(({ severity }) => severity === "error")) return EXIT_USAGE;
  return problems.some(({ severity }) => severity === "warning") ? EXIT_LOST : 0;
}

/** The configuration, and the other files as comments. */
function printed([config, ...files]: readonly WrittenFile[]): string {
  const comments = files.map(({ name, text }) => `\n# ${name}:\n${text.replaceAll(/^(?=.)/gm, "#   ")}`);
  return `${config!.text}${comments.join("")}`;
}

/** Writes new files; files that exist stay as they are, and their fault is returned. */
async function writeFiles(folder: string, files: readonly WrittenFile[]): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text, { flag: "wx" });
    return undefined;
  } catch (error) {
    const { errno, path = folder } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return `cannot write ${visible(path)}: ${getSystemErrorMessage(errno)}`;
  }
}
