// `cluster-dns env`: prints the service environment variables of a pod's containers, from manifests.
// Arguments and output only; resolv-conf/service-environment.ts makes the variables.
import { formatEnvironment, serviceEnvironment } from "../resolv-conf/service-environment.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import type { CommandIo } from "./command-io.ts";
import { writeFailure } from "./failure.ts";
import type { LoadCluster } from "./load-reported.ts";
import { loadClusterLazily, writeProblems } from "./load-reported.ts";
import type { PodCommand } from "./pod-command.ts";
import { loadPod, parsePodArguments, POD_FLAGS, podCommandHelp, unknownNamespace } from "./pod-command.ts";

const COMMAND: PodCommand = {
  name: "env",
  summary: "Prints the service environment variables of the containers of a pod.",
  examples: ["cluster-dns env manifests --namespace shop", "cluster-dns env manifests --pod shop/web-0 > web-0.env"],
  flags: POD_FLAGS,
  options: CLUSTER_OPTIONS,
};

export const HELP = podCommandHelp(COMMAND);

/** Prints the variables to stdout; resolves with the exit code: 0, 1 (no such pod or path), 2 (usage). */
export async function run(
  args: readonly string[],
  io: CommandIo,
  load: LoadCluster = loadClusterLazily,
): Promise<number> {
  const parsed = parsePodArguments(COMMAND, args, io.env);
  if ("faults" in parsed) return writeFailure(COMMAND, io, parsed);
  const loaded = await loadPod(parsed, io, load, true);
  if ("faults" in loaded) return writeFailure(COMMAND, io, loaded);
  const { objects, pod } = loaded;

  const { namespace, enableServiceLinks } = pod ?? { ...parsed.options, enableServiceLinks: true };
  const services = objects.filter((object) => object.kind === "Service");
  const { variables, warnings } = serviceEnvironment(services, { namespace, enableServiceLinks });
  writeProblems(io, [...unknownNamespace(objects, namespace), ...warnings]);
  io.stdout.write(formatEnvironment(variables));
  return 0;
}
