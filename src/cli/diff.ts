// `cluster-dns diff`: which DNS names appear, go or change between two sets of manifests, two revisions of them, or
// manifests and a server. Arguments and output only; records/ compares. Exit codes as of diff(1).
import { parseSwitch } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import { formatName } from "../dns/name.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import { formatType } from "../dns/type-names.ts";
import { compareRecords } from "../records/compare-records.ts";
import type { RecordChanges, RecordSide } from "../records/compare-records.ts";
import { comparableSide, questionsFor, serverSide } from "../records/compare-with-server.ts";
import { formatChangesJson, formatChangesMarkdown, formatChangesText, hasChanges } from "../records/format-changes.ts";
import { visible } from "../std/visible.ts";
import { ANSWER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import { loadSide, parseDiffSide } from "./diff-side.ts";
import type { DiffSide } from "./diff-side.ts";
import type { Failure } from "./failure.ts";
import { usageFailure, writeFailure } from "./failure.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";

const FORMATS = { text: formatChangesText, markdown: formatChangesMarkdown, json: formatChangesJson } as const;
const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
const EXIT_DIFFERENT = 1;
const EXIT_TROUBLE = 2;

export const HELP: CommandHelp = {
  name: "diff",
  usage: "A B [FLAGS]",
  about: [
    "Says which DNS names appear, go or change from A to B. Each is a PATH (a manifest file, a zone file or a",
    "folder, recursive; - for standard input), a REVISION:PATH (the same in a revision of git, such as",
    "HEAD~1:deploy) or dns:ADDR[:PORT] (a server that is asked for each name of the other side).",
    "Exit codes: 0 no differences, 1 differences, 2 wrong usage, or a side that cannot be read.",
  ],
  flags: [
    formatFlag(FORMAT_NAMES),
    {
      flag: "--ignore-assigned",
      help: "Leave out addresses that no manifest gives, and that only moved from one to another",
    },
    ...optionHelpRows(ANSWER_OPTIONS),
  ],
  examples: [
    "cluster-dns diff HEAD~1:deploy deploy",
    "cluster-dns diff origin/main:deploy HEAD:deploy --format markdown",
    "helm template . | cluster-dns diff deploy -",
    "cluster-dns diff deploy dns:10.96.0.10",
  ],
};

interface DiffArguments {
  readonly sides: readonly [DiffSide, DiffSide];
  readonly format: keyof typeof FORMATS;
  readonly ignoresAssigned: boolean;
  readonly options: Options;
}

/** Prints what differs; resolves with the exit code: 0 (nothing), 1 (something), 2 (usage, or a side can't be read). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const found = await compare(parsed, io);
  if ("faults" in found) {
    for (const fault of found.faults) io.stderr.write(`cluster-dns diff: ${visible(fault)}\n`);
    return EXIT_TROUBLE;
  }
  const changes = parsed.ignoresAssigned ? { ...found, moved: [], movedRecords: { minus: [], plus: [] } } : found;
  io.stdout.write(FORMATS[parsed.format](changes));
  return hasChanges(changes) ? EXIT_DIFFERENT : 0;
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): DiffArguments | Failure {
  const own = { "--format": "value", "--ignore-assigned": "switch" } as const;
  const { values, operands, faults, options } = readArguments(args, env, own, ANSWER_OPTIONS);
  const read = flagReader(values, faults);
  const format = readFormat(read, FORMAT_NAMES);
  const ignoresAssigned = read("--ignore-assigned", "false", parseSwitch);
  const sides = parseSides(operands);
  if ("faults" in sides) faults.push(...sides.faults);
  const isRead = format !== undefined && ignoresAssigned !== undefined;
  if (faults.length > 0 || options === undefined || "faults" in sides || !isRead) return { faults, exitCode: 2 };
  return { sides, format, ignoresAssigned, options };
}

function parseSides(operands: readonly string[]): readonly [DiffSide, DiffSide] | Failure {
  const [first, second, ...others] = operands;
  if (first === undefined || second === undefined || others.length > 0)
    return usageFailure(
      `give two sides to compare, not ${operands.length}; e.g. cluster-dns diff HEAD~1:deploy deploy`,
    );
  const [a, b] = [parseDiffSide(first), parseDiffSide(second)];
  const faults = [a, b].flatMap((side) => ("fault" in side ? [side.fault] : []));
  if ("fault" in a || "fault" in b) return { faults, exitCode: 2 };
  if (a.kind === "dns" && b.kind === "dns")
    return usageFailure("one side must be manifests, to know which names to ask for");
  if (first === "-" && second === "-") return usageFailure("standard input can be one side only");
  return [a, b];
}

async function compare({ sides: [a, b], options }: DiffArguments, io: CommandIo): Promise<RecordChanges | Failure> {
  const before = a.kind === "dns" ? undefined : await loadSide(a, options, io);
  if (before !== undefined && "faults" in before) return before;
  const after = b.kind === "dns" ? undefined : await loadSide(b, options, io);
  if (after !== undefined && "faults" in after) return after;
  if (a.kind === "dns") return compareWithServer(after!, a, io, (own, server) => compareRecords(server, own));
  if (b.kind === "dns") return compareWithServer(before!, b, io, (own, server) => compareRecords(own, server));
  return compareRecords(before!, after!);
}

async function compareWithServer(
  side: RecordSide,
  { server }: Extract<DiffSide, { kind: "dns" }>,
  io: CommandIo,
  compareSides: (own: RecordSide, server: RecordSide) => RecordChanges,
): Promise<RecordChanges | Failure> {
  const { askRecords } = await import("../planes/ask-records.ts");
  const own = comparableSide(side);
  const answers = await askRecords(server, questionsFor(own));
  if ("fault" in answers) return { faults: [answers.fault], exitCode: 2 };
  const { records, refused } = answers;
  const [first] = refused;
  if (first !== undefined) {
    const question = `${rcodeName(first.rcode)} for ${formatName(first.asked.name)} ${formatType(first.asked.type)}`;
    const what = `${server.text} answers ${question}`;
    if (records.length === 0) return { faults: [what], exitCode: 2 };
    io.stderr.write(`cluster-dns diff: ${visible(what)}; ${refused.length} such questions are left out\n`);
  }
  const left = new Set(refused.map(({ asked }) => `${asked.type} ${formatName(asked.name)}`));
  const compared = own.records.filter(({ owner, type }) => !left.has(`${type} ${formatName(owner)}`));
  return compareSides({ records: compared, assigned: new Map() }, serverSide(own, records));
}
