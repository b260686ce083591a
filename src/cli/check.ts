// `cluster-dns check`: reports the problems of manifests; the exit code is for pipelines.
// Arguments, output and exit codes only; planes/check-cluster.ts finds the problems.
import { optionHelpRows } from "../config/options-page.ts";
import { parseSwitch } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { codeRow, CODES } from "../diagnostics/codes.ts";
import { SourceError } from "../files/source-error.ts";
import { checkCluster } from "../planes/check-cluster.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { countSeverities } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import { didYouMean } from "../std/nearest.ts";
import { visible } from "../std/visible.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import { formatFlag, readFormat, flagReader } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";
import { formatReport, formatReportAsJson, formatReportForGithub } from "./format-report.ts";
import { formatReportForGitlab } from "./gitlab.ts";
import { formatReportAsJunit } from "./junit.ts";
import { formatReportAsSarif } from "./sarif.ts";
import { readVersion } from "../process/version.ts";

type Formatter = (report: ProblemReport, isStrict: boolean) => string;

const FORMATTERS = {
  text: formatReport,
  json: formatReportAsJson,
  github: formatReportForGithub,
  gitlab: formatReportForGitlab,
  junit: formatReportAsJunit,
  sarif: (report) => formatReportAsSarif(report, readVersion()),
} as const satisfies Readonly<Record<string, Formatter>>;
type Format = keyof typeof FORMATTERS;
const FORMATS = Object.keys(FORMATTERS) as readonly Format[];

const OWN_FLAGS = { "--format": "value", "--ignore": "value", "--strict": "switch" } as const;

export const HELP: CommandHelp = {
  name: "check",
  usage: "PATH... [FLAGS]",
  about: [
    "Reports problems in manifests and zone files, with their places and advice. docs/errors.md explains the codes.",
    "PATH is a file, a folder (recursive) or - for standard input.",
    "Exit codes: 0 no errors, 1 errors (with --strict: warnings too), 2 wrong usage or nothing to check.",
  ],
  flags: [
    formatFlag(FORMATS),
    {
      flag: "--ignore CODE",
      help: "Leave out problems of this code; may be repeated, or a list with commas",
      choices: Object.keys(CODES),
    },
    { flag: "--strict", help: "Exit with 1 for warnings too" },
    ...optionHelpRows(CLUSTER_OPTIONS),
  ],
  examples: ["cluster-dns check manifests/ --strict", "helm template . | cluster-dns check - --format github"],
};

const EXIT_FAULTY = 1;
const EXIT_USAGE = 2;

/** Prints the report to stdout; resolves with the exit code. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("errors" in parsed) return refuse(io, parsed.errors);
  const report = await load(parsed, io);
  if (report instanceof SourceError) return refuse(io, [report.message], "");
  const format: Formatter = FORMATTERS[parsed.format];
  io.stdout.write(format(report, parsed.isStrict));
  const { error, warning } = countSeverities(report.problems);
  const isEmpty = report.objects + report.zones + report.hostsLines === 0;
  const isSilenced = report.ignored > 0 && !parsed.ignore.includes("empty-file");
  if (isEmpty && !isSilenced && !report.problems.some(isFault)) {
    return refuse(io, [`no Kubernetes objects and no zones in ${parsed.paths.join(" ")}`], "");
  }
  return error > 0 || (parsed.isStrict && warning > 0) ? EXIT_FAULTY : 0;
}

/** Whether the problem is an error in what was read: an empty file has nothing to read. */
function isFault({ severity, code }: Problem): boolean {
  return severity === "error" && code !== "empty-file";
}

interface CheckArguments {
  readonly paths: readonly string[];
  readonly options: Options;
  readonly format: Format;
  readonly ignore: readonly string[];
  readonly isStrict: boolean;
}

function parseArguments(
  args: readonly string[],
  env: CommandIo["env"],
): CheckArguments | { readonly errors: readonly string[] } {
  const { values, operands, faults: errors, options } = readArguments(args, env, OWN_FLAGS, CLUSTER_OPTIONS);
  const read = flagReader(values, errors);
  const format = readFormat(read, FORMATS);
  const isStrict = read("--strict", "false", parseSwitch);
  const ignore = (values.get("--ignore") ?? []).flatMap((list) => list.split(",").map((code) => code.trim()));
  for (const code of ignore) {
    if (codeRow(code) !== undefined) continue;
    errors.push(`--ignore: there is no problem code ${JSON.stringify(code)}${didYouMean(code, Object.keys(CODES))}`);
  }
  if (operands.length === 0) errors.push("nothing to check: give a file, a folder or - for standard input");
  const isRead = options !== undefined && format !== undefined && isStrict !== undefined;
  return errors.length > 0 || !isRead ? { errors } : { paths: operands, options, format, ignore, isStrict };
}

async function load({ paths, options, ignore }: CheckArguments, io: CommandIo): Promise<ProblemReport | SourceError> {
  try {
    // Reading the property opens standard input: only for the path -.
    return await checkCluster(paths, options, () => io.stdin, ignore);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

function refuse(
  io: CommandIo,
  errors: readonly string[],
  hint = "Run cluster-dns check --help for the flags.\n",
): number {
  for (const error of errors) io.stderr.write(`cluster-dns check: ${visible(error)}\n`);
  io.stderr.write(hint);
  return EXIT_USAGE;
}
