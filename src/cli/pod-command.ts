// The common part of the commands about a pod: parses the flags, loads the manifests and finds the pod. A fault of the
// operator is text on stderr and an exit code (1: not found or not readable, 2: usage), never an exception.
import { didYouMean } from "../std/nearest.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import type { OptionName } from "../config/option-names.ts";
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { usageFailure } from "./failure.ts";
import type { CommandHelp } from "./help.ts";
import type { LoadCluster } from "./load-reported.ts";
import { loadReported } from "./load-reported.ts";

/** A flag of a command that is not an option of `serve`. */
export interface Flag {
  /** Absent for a switch, which takes no value. */
  readonly placeholder?: string;
  readonly help: string;
}

/** A command about a pod: its name, help and flags. The keys of `flags` have their hyphens, `--pod`. */
export interface PodCommand {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** The options of `serve` that the command takes, also as variables and in the configuration file. */
  readonly options: readonly OptionName[];
}

/** The parsed command line. */
export interface PodArguments {
  readonly paths: readonly string[];
  /** Without `--pod`, `namespace` is the namespace of the pod. */
  readonly options: Options;
  /** The value of `--pod`, with the default namespace filled in. */
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** The texts of all flags on the command line, by flag (`--nameserver`). */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** The flags of every command about a pod. */
export const POD_FLAGS: Readonly<Record<string, Flag>> = {
  "--pod": {
    placeholder: "[NAMESPACE/]NAME",
    help: "Pod of the manifests (default: a pod without DNS settings in the namespace of --namespace)",
  },
};

/** Parses the command line. Flags override variables, which override the configuration file, as for `serve`. */
export function parsePodArguments(
  command: PodCommand,
  args: readonly string[],
  env: CommandIo["env"],
): PodArguments | Failure {
  const commandFlags = Object.entries(command.flags).map(
    ([flag, { placeholder }]) => [flag, placeholder === undefined ? "switch" : "value"] as const,
  );
  const own = Object.fromEntries(commandFlags);
  const { values, operands, faults, options } = readArguments(args, env, own, command.options);
  if (faults.length > 0 || options === undefined) return { faults, exitCode: 2 };
  const common = { paths: operands, options, values };
  const podText = values.get("--pod")?.at(-1);
  if (podText === undefined) return common;
  const parts = podText.split("/");
  const [namespace, name] = parts.length === 1 ? [options.namespace, podText] : parts;
  if (!namespace || !name || parts.length > 2) {
    return usageFailure(`--pod: ${JSON.stringify(podText)} is not NAMESPACE/NAME or NAME`);
  }
  if (operands.length === 0) return usageFailure("--pod needs a PATH with the manifest of the pod");
  return { ...common, pod: { namespace, name } };
}

/**
 * The objects of the manifests as in `serve`: services with addresses, workloads with pods. Without paths there are
 * none, or with `hasCluster` what every cluster has. Writes problems to stderr; a path that can't be read is a failure.
 */
async function loadObjects(
  { paths, options }: PodArguments,
  io: CommandIo,
  load: LoadCluster,
  hasCluster: boolean,
): Promise<readonly KubeObject[] | Failure> {
  if (paths.length === 0 && !hasCluster) return [];
  const loaded = await loadReported(paths, options, io, load);
  return "faults" in loaded ? loaded : [...loaded.cluster.registry.objects()];
}

/** The pod of `--pod`, undefined without `--pod`; if there is no such pod, a failure that lists candidates. */
function findPod(objects: readonly KubeObject[], wanted: PodArguments["pod"]): Pod | undefined | Failure {
  if (wanted === undefined) return undefined;
  const pods = objects.filter((object) => object.kind === "Pod");
  const found = pods.find((pod) => pod.namespace === wanted.namespace && pod.name === wanted.name);
  if (found !== undefined) return found;
  const name = `${wanted.namespace}/${wanted.name}`;
  const candidates = pods.map((pod) => `${pod.namespace}/${pod.name}`).sort();
  return { faults: [`no pod ${name} in the manifests; ${candidatesText(name, candidates)}`], exitCode: 1 };
}

/** The objects (see `loadObjects`), and the pod among them that is meant; the pod undefined where none is named. */
export async function loadPod(
  parsed: PodArguments,
  io: CommandIo,
  load: LoadCluster,
  hasCluster = false,
): Promise<{ readonly objects: readonly KubeObject[]; readonly pod: Pod | undefined } | Failure> {
  const objects = await loadObjects(parsed, io, load, hasCluster);
  if ("faults" in objects) return objects;
  const pod = findPod(objects, parsed.pod);
  return pod !== undefined && "faults" in pod ? pod : { objects, pod };
}

const CANDIDATES_MAX = 5;

function candidatesText(name: string, candidates: readonly string[]): string {
  if (candidates.length === 0) {
    return "they have no pods and no workloads: use --namespace for a pod without DNS settings";
  }
  const more = candidates.length > CANDIDATES_MAX ? ` and ${candidates.length - CANDIDATES_MAX} more` : "";
  return `they have ${candidates.slice(0, CANDIDATES_MAX).join(", ")}${more}${didYouMean(name, candidates)}`;
}

/** A warning if no object is in `namespace`; none without objects, or for a namespace that every cluster has. */
export function unknownNamespace(objects: readonly KubeObject[], namespace: string): readonly Problem[] {
  const isOfCluster = (object: KubeObject): boolean =>
    (object.kind === "Namespace" || object.kind === "Service") && object.simulated === true;
  const nameOf = (object: KubeObject): string => (object.kind === "Namespace" ? object.name : object.namespace);
  const given = new Set(objects.filter((object) => !isOfCluster(object)).map(nameOf));
  given.delete("");
  if (given.size === 0 || objects.some((object) => nameOf(object) === namespace)) return [];
  return [
    {
      code: "unknown-namespace",
      severity: "warning",
      message: `the manifests have no object in namespace ${namespace}`,
      advice: `their namespaces are ${[...given].sort().join(", ")}${didYouMean(namespace, given)}`,
    },
  ];
}

/** The help of the command. */
export function podCommandHelp(command: PodCommand): CommandHelp {
  const flags = Object.entries(command.flags).map(([flag, { placeholder, help }]) => ({
    flag: placeholder === undefined ? flag : `${flag} ${placeholder}`,
    help,
  }));
  return {
    name: command.name,
    usage: "[PATH...] [FLAGS]",
    about: [
      command.summary,
      "PATH is a manifest file, a folder (recursive) or - for standard input. A --state file is read, not written.",
    ],
    flags: [...flags, ...optionHelpRows(command.options)],
    examples: command.examples,
  };
}
