// `cluster-dns explain`: why a name resolves or not, from manifests or from a running server by its admin server.
// Arguments and output only; explain/ finds the causes.
import type { OptionName } from "../config/option-names.ts";
import { optionHelpRows } from "../config/options-page.ts";
import type { Options } from "../config/options.ts";
import { parseName } from "../dns/name.ts";
import { parseType } from "../dns/type-names.ts";
import { explain } from "../explain/explain.ts";
import type { Explanation, ExplainQuestion } from "../explain/explanation.ts";
import { formatExplanation } from "../explain/format-explanation.ts";
import { SERVER_FLAG, serverUnlessPaths } from "./admin-client.ts";
import type { AdminClient } from "./admin-client.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";
import { loadClusterLazily, loadReported } from "./load-reported.ts";

const FORMATS = ["text", "json"] as const;
type Format = (typeof FORMATS)[number];

const EXIT_NOT_RESOLVED = 1;
/** What the text needs. */
const FIELDS = ["isResolved", "sentence", "hints", "search", "candidates"] as const;
/** The server may ask upstreams for several names, one after the other. */
const TIMEOUT_MS = 30_000;

/** What answers depend on beside the cluster. */
const OPTIONS: readonly OptionName[] = [
  ...CLUSTER_OPTIONS,
  "pods",
  "endpointPodNames",
  "upstream",
  "stubDomain",
  "rewrite",
  "allow",
  "allowRecursion",
  "ednsSize",
];

const TYPES = ["A", "AAAA", "SRV", "CNAME", "PTR", "TXT", "MX", "NS", "SOA"] as const;

export const HELP: CommandHelp = {
  name: "explain",
  usage: "NAME [TYPE] [PATH...] [FLAGS]",
  words: TYPES,
  about: [
    "Says why a name resolves or not: the search list, what becomes of each name of it, and the objects",
    "behind it. Without TYPE, A and AAAA are asked, as programs do. PATH is a manifest file, a folder",
    "(recursive) or - for standard input; without a PATH, a running server is asked. A NAME that ends in a",
    "dot is not searched for.",
    "Exit codes: 0 the name resolves, 1 it does not, or the input can't be read, 2 wrong usage.",
  ],
  flags: [
    {
      flag: "--from WHO",
      help: "Who asks: a namespace, a pod (NAMESPACE/NAME) or an IP address (default: a pod in --namespace)",
    },
    SERVER_FLAG,
    formatFlag(FORMATS),
    ...optionHelpRows(OPTIONS),
  ],
  examples: [
    "cluster-dns explain web.shop manifests",
    "cluster-dns explain _http._tcp.web SRV manifests --from shop",
    "cluster-dns explain api.example.com --from shop/web-0 --server 9153",
  ],
};

/** Prints the explanation; resolves with the exit code. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const explanation = await explanationOf(parsed, io);
  if ("faults" in explanation) return writeFailure(HELP, io, explanation);
  const { format } = parsed;
  const text = format === "json" ? `${JSON.stringify(explanation, undefined, 2)}\n` : formatExplanation(explanation);
  io.stdout.write(text);
  return explanation.isResolved ? 0 : EXIT_NOT_RESOLVED;
}

interface ExplainArguments {
  readonly question: ExplainQuestion;
  readonly paths: readonly string[];
  /** Undefined: paths are given. */
  readonly server: AdminClient | undefined;
  readonly options: Options;
  readonly format: Format;
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): ExplainArguments | Failure {
  const own = { "--server": "value", "--format": "value", "--from": "value" } as const;
  const { values, operands, faults, options } = readArguments(args, env, own, OPTIONS);
  const [name, ...rest] = operands;
  if (name === undefined) faults.push("no name given; e.g. cluster-dns explain web.shop manifests");
  else if (parseName(name) === undefined) faults.push(`${JSON.stringify(name)} is not a DNS name`);
  // A file that has the name of a type is written as ./A.
  const hasType = rest[0] !== undefined && parseType(rest[0]) !== undefined;
  const paths = hasType ? rest.slice(1) : rest;
  const format = readFormat(flagReader(values, faults), FORMATS);
  const server = serverUnlessPaths(paths, values.get("--server"), env, faults);
  if (faults.length > 0 || name === undefined || options === undefined || format === undefined)
    return { faults, exitCode: 2 };
  const from = values.get("--from")?.at(-1);
  return {
    question: { name, ...(hasType && { type: rest[0]! }), ...(from !== undefined && { from }) },
    paths,
    server,
    options,
    format,
  };
}

async function explanationOf(
  { question, paths, server, options }: ExplainArguments,
  io: CommandIo,
): Promise<Explanation | Failure> {
  if (server !== undefined) {
    const parameters = new URLSearchParams(Object.entries(question)).toString();
    return server.get<Explanation>(`explain?${parameters}`, FIELDS, TIMEOUT_MS);
  }
  const loaded = await loadReported(paths, options, io, loadClusterLazily);
  if ("faults" in loaded) return loaded;
  const { loadedView } = await import("../planes/loaded-view.ts");
  const explanation = await explain(loadedView(loaded, options), question);
  if (!("fault" in explanation)) return explanation;
  return { faults: [explanation.fault], exitCode: explanation.isMissing === true ? 1 : 2 };
}
