// `cluster-dns resolv-conf`: prints the resolv.conf of a pod, from its manifest or namespace, the node's file and the
// address of the server; with `--write` it maintains the files of all pods in a folder (keep-resolv-confs.ts).
// resolv-conf/pod-resolv-conf.ts has the rules.
import { NODE_RESOLV_CONF } from "../planes/read-resolv-conf.ts";
import { clusterNameservers, findKubeDns } from "../resolv-conf/cluster-nameservers.ts";
import type { PodResolvConfInput } from "../resolv-conf/pod-resolv-conf.ts";
import { podResolvConf, usesClusterDns } from "../resolv-conf/pod-resolv-conf.ts";
import { atPod } from "../resolv-conf/resolv-conf-files.ts";
import { formatResolvConf } from "../resolv-conf/resolv-conf.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { usageFailure, writeFailure } from "./failure.ts";
import type { LoadCluster } from "./load-reported.ts";
import { loadClusterLazily, writeProblems } from "./load-reported.ts";
import type { PodArguments, PodCommand } from "./pod-command.ts";
import { loadPod, parsePodArguments, POD_FLAGS, podCommandHelp, unknownNamespace } from "./pod-command.ts";
import { parseNameservers, readNodeResolvConf } from "./resolv-conf-input.ts";

const COMMAND: PodCommand = {
  name: "resolv-conf",
  summary: "Prints the resolv.conf of a pod, or maintains the resolv.conf files of all pods in a folder.",
  examples: [
    "cluster-dns resolv-conf manifests --namespace shop",
    "cluster-dns resolv-conf --nameserver 172.17.0.1",
    "cluster-dns resolv-conf manifests --nameserver 172.17.0.1 --write resolv",
  ],
  flags: {
    ...POD_FLAGS,
    "--nameserver": {
      placeholder: "IP",
      help: "DNS server of the cluster, repeatable (default: the cluster IP of kube-system/kube-dns, else --listen)",
    },
    "--node-resolv-conf": { placeholder: "FILE", help: `The resolv.conf of the node (default: ${NODE_RESOLV_CONF})` },
    "--write": {
      placeholder: "DIR",
      help:
        "Write NAMESPACE.conf and NAMESPACE/POD.conf for all namespaces and pods to this folder, and update them " +
        "when the manifests change, until SIGTERM or SIGINT",
    },
    "--once": { help: "With --write: write the files and exit" },
  },
  options: [...CLUSTER_OPTIONS, "listen"],
};

export const HELP = podCommandHelp(COMMAND);

/** Prints the file or maintains the folder; resolves with the exit code: 0, 1 (not found, not writable), 2 (usage). */
export async function run(
  args: readonly string[],
  io: CommandIo,
  load: LoadCluster = loadClusterLazily,
): Promise<number> {
  const parsed = parsePodArguments(COMMAND, args, io.env);
  if ("faults" in parsed) return writeFailure(COMMAND, io, parsed);
  const nameservers = parseNameservers(parsed.values.get("--nameserver") ?? []);
  if ("faults" in nameservers) return writeFailure(COMMAND, io, nameservers);
  const keep = parseKeep(parsed);
  if (keep !== undefined && "faults" in keep) return writeFailure(COMMAND, io, keep);
  if (keep !== undefined) {
    const { keepResolvConfs } = await import("./keep-resolv-confs.ts");
    const nodeFile = parsed.values.get("--node-resolv-conf")?.at(-1);
    const kept = await keepResolvConfs(parsed, { ...keep, nameservers, nodeFile }, io);
    return typeof kept === "number" ? kept : writeFailure(COMMAND, io, kept);
  }
  const node = await readNodeResolvConf(parsed.values.get("--node-resolv-conf")?.at(-1));
  if ("faults" in node) return writeFailure(COMMAND, io, node);
  const loaded = await loadPod(parsed, io, load);
  if ("faults" in loaded) return writeFailure(COMMAND, io, loaded);
  const { objects, pod: found } = loaded;

  const plainPod = { namespace: parsed.options.namespace, dnsPolicy: "ClusterFirst", hostNetwork: false } as const;
  const pod: PodResolvConfInput["pod"] = found ?? plainPod;
  const cluster = clusterNameservers(nameservers, parsed.options.listen, findKubeDns(objects));
  const { conf, warnings } = podResolvConf({
    pod,
    clusterDomain: parsed.options.clusterDomain,
    clusterNameservers: cluster.nameservers,
    node: node.conf,
  });
  writeProblems(io, [
    ...node.problems,
    ...unknownNamespace(objects, pod.namespace),
    ...(usesClusterDns(pod) ? cluster.warnings : []),
    ...(found === undefined ? warnings : warnings.map((warning) => atPod(warning, found))),
  ]);
  io.stdout.write(formatResolvConf(conf));
  return 0;
}

/** The folder of `--write`; undefined without `--write`. */
function parseKeep(parsed: PodArguments): { readonly folder: string; readonly once: boolean } | undefined | Failure {
  const folder = parsed.values.get("--write")?.at(-1);
  const once = parsed.values.get("--once")?.at(-1);
  if (once !== undefined && once !== "true" && once !== "false") {
    return usageFailure(`--once: ${JSON.stringify(once)} is neither true nor false`);
  }
  if (folder === undefined) return once === "true" ? usageFailure("--once needs --write DIR") : undefined;
  if (folder === "") return usageFailure("--write needs the name of a folder");
  if (parsed.pod !== undefined) return usageFailure("--write writes the files of all pods: remove --pod");
  if (parsed.paths.length === 0) return usageFailure("--write needs a PATH with manifests");
  return { folder, once: once === "true" };
}
