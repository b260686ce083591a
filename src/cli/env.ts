// `cluster-dns env`: the service environment variables that a container of a pod starts with, made from manifests.
// It reads the manifests and nothing else. What the variables are is written in resolv-conf/service-environment.ts.
import { formatEnvironment, serviceEnvironment } from "../resolv-conf/service-environment.ts";
import type { CommandIo } from "./command-io.ts";
import { formatCommandHelp, wantsHelp } from "./help.ts";
import type { LoadCluster, PodCommand } from "./pod-command.ts";
import {
  loadClusterLazily,
  loadPod,
  parsePodArguments,
  POD_FLAGS,
  podCommandHelp,
  unknownNamespace,
  writeFailure,
  writeProblems,
} from "./pod-command.ts";

const COMMAND: PodCommand = {
  name: "env",
  summary: "Prints the service environment variables that containers of a pod start with.",
  examples: ["cluster-dns env manifests --namespace shop", "cluster-dns env manifests --pod shop/web-0 > web-0.env"],
  flags: POD_FLAGS,
};

/** Prints the variables to stdout; resolves with the exit code: 0, 1 (pod or path not there), 2 (usage). */
export async function run(
  args: readonly string[],
  io: CommandIo,
  load: LoadCluster = loadClusterLazily,
): Promise<number> {
  if (wantsHelp(args)) {
    io.stdout.write(formatCommandHelp(podCommandHelp(COMMAND)));
    return 0;
  }
  const parsed = parsePodArguments(COMMAND, args, io.env);
  if ("faults" in parsed) return writeFailure(COMMAND, io, parsed);
  const loaded = await loadPod(parsed, io, load);
  if ("faults" in loaded) return writeFailure(COMMAND, io, loaded);
  const { objects, pod } = loaded;

  const { namespace, enableServiceLinks } = pod ?? { ...parsed.options, enableServiceLinks: true };
  const services = objects.filter((object) => object.kind === "Service");
  const { variables, warnings } = serviceEnvironment(services, { namespace, enableServiceLinks });
  writeProblems(io, [...unknownNamespace(objects, namespace), ...warnings]);
  io.stdout.write(formatEnvironment(variables));
  return 0;
}
