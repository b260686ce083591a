// `cluster-dns expect`: compares DNS expectations of YAML files with what manifests or a server answer.
// Arguments, output and exit codes only; expect/ parses and judges, planes/ answers.
import { parseSwitch } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import { examine } from "../expect/resolve.ts";
import type { NameService } from "../expect/resolve.ts";
import type { Expectation, Verdict } from "../expect/expectation.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import { readOperands, updateFiles } from "./expectation-files.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { parseDnsServer } from "./dns-client-flags.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import {
  formatVerdicts,
  formatVerdictsAsJunit,
  formatVerdictsAsTap,
  formatVerdictsForGithub,
  stateOf,
} from "./format-verdicts.ts";
import type { ExpectReport } from "./format-verdicts.ts";
import type { CommandHelp } from "./help.ts";
import { findEmptiness, loadClusterLazily, loadReported, writeProblems } from "./load-reported.ts";

const FORMATTERS = {
  text: formatVerdicts,
  tap: formatVerdictsAsTap,
  junit: formatVerdictsAsJunit,
  github: formatVerdictsForGithub,
} as const satisfies Readonly<Record<string, (report: ExpectReport) => string>>;
type Format = keyof typeof FORMATTERS;
const FORMATS = Object.keys(FORMATTERS) as readonly Format[];

const EXIT_FAILED = 1;
const EXIT_UNUSABLE = 2;
/** Questions to a server at a time: few enough for any server, and for its limits on clients. */
const CONCURRENT_MAX = 32;

export const HELP: CommandHelp = {
  name: "expect",
  usage: "FILE... [PATH... | -] [FLAGS]",
  about: [
    "Compares DNS expectations with what manifests, or a DNS server, answer. FILE is YAML with the",
    "key expectations at its top. Every other argument is a PATH with manifests: a file, a folder",
    "(recursive) or - for standard input. docs/expect.md describes the file.",
    "Exit codes: 0 all hold, 1 some fail, 2 wrong usage, a faulty FILE, no manifests, no server.",
  ],
  flags: [
    { flag: "--server ADDR[:PORT]", help: "Ask this DNS server instead, over UDP and then TCP; any server will do" },
    formatFlag(FORMATS),
    { flag: "--update", help: "Write what is there into FILE, in the place of the expectations that fail" },
    ...optionHelpRows(CLUSTER_OPTIONS),
  ],
  examples: [
    "cluster-dns expect dns.yaml manifests/",
    "helm template . | cluster-dns expect dns.yaml -",
    "cluster-dns expect dns.yaml --server 10.96.0.10",
  ],
};

/** Prints the report to stdout; resolves with the exit code. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const read = await readOperands(parsed.operands);
  if ("faults" in read) return writeFailure(HELP, io, read);
  const { files, paths, problems } = read;
  writeProblems(io, problems);
  if (problems.length > 0) return EXIT_UNUSABLE;
  const usage = findMisuse(parsed, paths);
  if (usage !== undefined) return writeFailure(HELP, io, usage);
  const names = await openNames(parsed, paths, io);
  if ("faults" in names) return fail(io, names);
  const verdicts = await examineAll(
    files.flatMap(({ expectations }) => expectations),
    names,
  );
  const unwritten = parsed.isUpdating
    ? await updateFiles(files, verdicts, (expectations) => examineAll(expectations, names))
    : undefined;
  names.close?.();
  const unreachable = verdicts.length > 0 && verdicts.every(({ outcome }) => outcome.status === "unanswered");
  if (unreachable) return fail(io, { faults: [verdicts[0]!.outcome.fault!], exitCode: 2 });
  if (unwritten !== undefined) return fail(io, unwritten);
  const report: ExpectReport = { verdicts, isUpdating: parsed.isUpdating };
  io.stdout.write(FORMATTERS[parsed.format](report));
  return verdicts.some((verdict) => stateOf(verdict, report) === "failed") ? EXIT_FAILED : 0;
}

/** Writes why nothing was compared. */
function fail(io: CommandIo, { faults }: Failure): number {
  return writeFailure(HELP, io, { faults, exitCode: 1 }) && EXIT_UNUSABLE;
}

interface ExpectArguments {
  readonly operands: readonly string[];
  readonly server: ListenAddress | undefined;
  readonly options: Options;
  readonly format: Format;
  readonly isUpdating: boolean;
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): ExpectArguments | Failure {
  const own = { "--server": "value", "--format": "value", "--update": "switch" } as const;
  const { values, operands, faults, options } = readArguments(args, env, own, CLUSTER_OPTIONS);
  const read = flagReader(values, faults);
  const format = readFormat(read, FORMATS);
  const isUpdating = read("--update", "false", parseSwitch);
  const server = values.has("--server") ? read("--server", "", parseDnsServer) : undefined;
  if (faults.length > 0 || options === undefined || format === undefined || isUpdating === undefined) {
    return { faults, exitCode: 2 };
  }
  return { operands, server, options, format, isUpdating };
}

/** What is wrong with the operands together. */
function findMisuse({ server }: ExpectArguments, paths: readonly string[]): Failure | undefined {
  if (server !== undefined && paths.length > 0) {
    return { faults: [`give --server, or manifests, not both: ${paths.join(" ")}`], exitCode: 2 };
  }
  if (server !== undefined || paths.length > 0) return undefined;
  return { faults: ["nothing to ask: give a PATH with manifests, - for standard input, or --server"], exitCode: 2 };
}

type OpenNames = NameService & { close?(): void };

async function openNames(
  { server, options }: ExpectArguments,
  paths: readonly string[],
  io: CommandIo,
): Promise<OpenNames | Failure> {
  if (server !== undefined) {
    const { ServerNames } = await import("../planes/server-names.ts");
    return new ServerNames(server, options.clusterDomain);
  }
  const loaded = await loadReported(paths, options, io, loadClusterLazily);
  if ("faults" in loaded) return loaded;
  // Expectations of missing names would hold.
  const emptiness = findEmptiness(loaded, paths);
  if (emptiness !== undefined) return emptiness;
  const [{ loadedView }, { ManifestNames }] = await Promise.all([
    import("../planes/loaded-view.ts"),
    import("../planes/manifest-names.ts"),
  ]);
  return new ManifestNames(loadedView(loaded, options));
}

/** The verdicts in order. A server that leaves the first question unanswered is not asked the others. */
async function examineAll(expectations: readonly Expectation[], names: NameService): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < expectations.length; index = next++) {
      verdicts[index] = await examine(expectations[index]!, names);
      if (index === 0 && verdicts[0]?.outcome.status === "unanswered") next = expectations.length;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_MAX }, work));
  return verdicts.filter((verdict) => verdict !== undefined);
}
