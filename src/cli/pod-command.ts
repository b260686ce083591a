// What the commands about one pod share: flags, manifests, and which pod is meant. Everything an operator can get
// wrong ends as text on stderr and an exit code (1: not found or not readable, 2: usage), never as an exception.
import { didYouMean } from "../config/nearest.ts";
import type { Options } from "../config/options.ts";
import { parseFlags } from "../config/parse-flags.ts";
import { parseOptions } from "../config/parse-options.ts";
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { formatProblem } from "../objects/problem.ts";
import { SourceError } from "../files/source-error.ts";
import type { StandardInput } from "../files/standard-input.ts";
import type { LoadedCluster } from "../planes/load-cluster.ts";
import type { CommandIo } from "./command-io.ts";
import type { CommandHelp } from "./help.ts";

/** One flag of a command. `option`: `serve` has it too, so that its variable and the configuration file count. */
export interface Flag {
  /** Absent: a switch, which takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  readonly option?: true;
}

/** A command about a pod: how it is called and explained. `flags` are by their names as written, `--pod`. */
export interface PodCommand {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
}

/** The command line, taken apart. */
export interface PodArguments {
  readonly paths: readonly string[];
  /** Of these, `namespace` is the pod's too when no pod is named. */
  readonly options: Options;
  /** As `--pod` gave it, namespace filled in. */
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** The texts given for the command's own flags, as written (`--nameserver`). */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Loads manifests once: `loadCluster`, or what a test puts in its place. */
export type LoadCluster = (paths: readonly string[], options: Options, stdin?: StandardInput) => Promise<LoadedCluster>;

/** `loadCluster`, imported when manifests are given: without a YAML parser the commands start quicker. */
export const loadClusterLazily: LoadCluster = async (paths, options, stdin) => {
  const { loadCluster } = await import("../planes/load-cluster.ts");
  return loadCluster(paths, options, stdin);
};

/** What an operator has to mend, a line each, and the exit code that goes with it. */
export interface Failure {
  readonly faults: readonly string[];
  readonly exitCode: 1 | 2;
}

/** The flags that every command about a pod has. */
export const POD_FLAGS: Readonly<Record<string, Flag>> = {
  "--namespace": {
    placeholder: "NAME",
    help: "The pod's namespace, and where objects without one live (default: default)",
    option: true,
  },
  "--pod": {
    placeholder: "[NAMESPACE/]NAME",
    help: "A pod of the manifests; without it, a plain pod of the namespace",
  },
  "--service-cidr": { placeholder: "CIDR,…", help: "As given to serve", option: true },
  "--pod-cidr": { placeholder: "CIDR,…", help: "As given to serve", option: true },
  "--simulate-pods": { help: "As given to serve", option: true },
  "--state": {
    placeholder: "FILE",
    help: "As given to serve: the addresses in it are used, and the file is left as it is",
    option: true,
  },
  "--config": { placeholder: "FILE", help: "A file of options, as serve reads it", option: true },
};

/** `fault` as exit code 2. */
export function usageFailure(fault: string): Failure {
  return { faults: [fault], exitCode: 2 };
}

/** Takes the command line apart; flags over variables over the configuration file, as for `serve`. */
export function parsePodArguments(
  command: PodCommand,
  args: readonly string[],
  env: CommandIo["env"],
): PodArguments | Failure {
  const forms = Object.fromEntries(
    Object.entries(command.flags).map(([flag, { placeholder }]) => [
      flag,
      placeholder === undefined ? ("switch" as const) : ("value" as const),
    ]),
  );
  const { values, operands, errors } = parseFlags(args, forms);
  const optionArgs = [...values].flatMap(([flag, texts]) =>
    command.flags[flag]?.option ? texts.map((text) => `${flag}=${text}`) : [],
  );
  const parsed = parseOptions(optionArgs, env);
  if (errors.length > 0 || "errors" in parsed) {
    return { faults: [...errors, ...("errors" in parsed ? parsed.errors : [])], exitCode: 2 };
  }
  const common = { paths: operands, options: parsed.options, values };
  const podText = values.get("--pod")?.at(-1);
  if (podText === undefined) return common;
  const parts = podText.split("/");
  const [namespace, name] = parts.length === 1 ? [parsed.options.namespace, podText] : parts;
  if (!namespace || !name || parts.length > 2) {
    return usageFailure(`--pod: ${JSON.stringify(podText)} is not NAMESPACE/NAME or NAME`);
  }
  if (operands.length === 0) return usageFailure("--pod needs a PATH whose manifests hold the pod");
  return { ...common, pod: { namespace, name } };
}

/**
 * The manifests' objects as `serve` has them: services with their addresses, workloads with their pods. None without
 * paths; problems are written to stderr, a path that can't be read is a failure.
 */
async function loadObjects(
  { paths, options }: PodArguments,
  io: CommandIo,
  load: LoadCluster,
): Promise<readonly KubeObject[] | Failure> {
  if (paths.length === 0) return [];
  try {
    // Standard input is opened by being touched: only where a path asks for it.
    const loaded = await load(paths, options, paths.includes("-") ? io.stdin : undefined);
    writeProblems(io, [...loaded.sourceProblems, ...loaded.clusterProblems, ...loaded.zoneProblems]);
    return [...loaded.cluster.registry.objects()];
  } catch (error) {
    if (error instanceof SourceError) return { faults: [error.message], exitCode: 1 };
    throw error;
  }
}

/** The pod that `--pod` names, undefined without `--pod`; a failure that lists what there is when it is not there. */
function findPod(objects: readonly KubeObject[], wanted: PodArguments["pod"]): Pod | undefined | Failure {
  if (wanted === undefined) return undefined;
  const pods = objects.filter((object) => object.kind === "Pod");
  const found = pods.find((pod) => pod.namespace === wanted.namespace && pod.name === wanted.name);
  if (found !== undefined) return found;
  const name = `${wanted.namespace}/${wanted.name}`;
  const candidates = pods.map((pod) => `${pod.namespace}/${pod.name}`).sort();
  return { faults: [`no pod ${name} in the manifests; ${candidatesText(name, candidates)}`], exitCode: 1 };
}

/** The objects of the manifests, and the pod among them that is meant; the pod undefined where none is named. */
export async function loadPod(
  parsed: PodArguments,
  io: CommandIo,
  load: LoadCluster,
): Promise<{ readonly objects: readonly KubeObject[]; readonly pod: Pod | undefined } | Failure> {
  const objects = await loadObjects(parsed, io, load);
  if ("faults" in objects) return objects;
  const pod = findPod(objects, parsed.pod);
  return pod !== undefined && "faults" in pod ? pod : { objects, pod };
}

const MAX_CANDIDATES = 5;

function candidatesText(name: string, candidates: readonly string[]): string {
  if (candidates.length === 0) {
    return "they hold no pods, and no workloads that make any: use --namespace for a plain pod";
  }
  const more = candidates.length > MAX_CANDIDATES ? ` and ${candidates.length - MAX_CANDIDATES} more` : "";
  return `they hold ${candidates.slice(0, MAX_CANDIDATES).join(", ")}${more}${didYouMean(name, candidates)}`;
}

/** A warning when no object lives in `namespace`; none without objects, or for `default`, which always exists. */
export function unknownNamespace(objects: readonly KubeObject[], namespace: string): readonly Problem[] {
  const known = new Set(objects.map((object) => (object.kind === "Namespace" ? object.name : object.namespace)));
  known.delete("");
  if (known.size === 0 || namespace === "default" || known.has(namespace)) return [];
  return [
    {
      code: "unknown-namespace",
      severity: "warning",
      message: `no object of the manifests lives in namespace ${namespace}`,
      advice: `the manifests know ${[...known].sort().join(", ")}${didYouMean(namespace, known)}`,
    },
  ];
}

/** A line for each problem on stderr. */
export function writeProblems(io: CommandIo, problems: readonly Problem[]): void {
  for (const problem of problems) io.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`);
}

/** Says on stderr what has to be mended; returns the exit code. */
export function writeFailure(command: PodCommand, io: CommandIo, { faults, exitCode }: Failure): number {
  for (const fault of faults) io.stderr.write(`cluster-dns ${command.name}: ${fault}\n`);
  if (exitCode === 2) io.stderr.write(`Run cluster-dns ${command.name} --help for the flags.\n`);
  return exitCode;
}

/** What `--help` says of the command. */
export function podCommandHelp(command: PodCommand): CommandHelp {
  const flags = Object.entries(command.flags).map(([flag, { placeholder, help }]) => ({
    flag: placeholder === undefined ? flag : `${flag} ${placeholder}`,
    help,
  }));
  return {
    name: command.name,
    usage: "[PATH...] [FLAGS]",
    about: [command.summary, "PATH is a manifest file, a folder (recursive) or - for standard input."],
    flags,
    examples: command.examples,
  };
}
