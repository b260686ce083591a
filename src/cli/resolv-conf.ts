// `cluster-dns resolv-conf`: the resolv.conf of a pod, made from its manifest or namespace, the node's own file and the
// server's address. It reads files and writes none. The rules are in resolv-conf/pod-resolv-conf.ts.
import { readFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import type { ListenAddress } from "../config/options.ts";
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { PodResolvConfInput } from "../resolv-conf/pod-resolv-conf.ts";
import { podResolvConf, usesClusterDns } from "../resolv-conf/pod-resolv-conf.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { formatResolvConf, parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import { canonicalIp } from "../std/ip.ts";
import type { CommandIo } from "./command-io.ts";
import { formatCommandHelp, wantsHelp } from "./help.ts";
import type { Failure, LoadManifests, PodCommand } from "./pod-command.ts";
import {
  loadManifestsLazily,
  loadPod,
  parsePodArguments,
  POD_FLAGS,
  podCommandHelp,
  unknownNamespace,
  usageFailure,
  writeFailure,
  writeProblems,
} from "./pod-command.ts";

const NODE_RESOLV_CONF = "/etc/resolv.conf";

const COMMAND: PodCommand = {
  name: "resolv-conf",
  summary: "Prints the resolv.conf that a node would give a pod.",
  examples: ["cluster-dns resolv-conf manifests --namespace shop", "cluster-dns resolv-conf --nameserver 172.17.0.1"],
  flags: {
    ...POD_FLAGS,
    "--nameserver": {
      placeholder: "IP",
      help: "The cluster's DNS server, repeatable (default: the cluster IP of kube-system/kube-dns, else --listen)",
    },
    "--node-resolv-conf": { placeholder: "FILE", help: `The node's own file (default: ${NODE_RESOLV_CONF})` },
    "--cluster-domain": { placeholder: "DOMAIN", help: "As given to serve (default: cluster.local)", option: true },
    "--listen": {
      placeholder: "ADDR[:PORT]",
      help: "As given to serve, repeatable (default: 127.0.0.1:53)",
      option: true,
    },
  },
};

/** Prints the file to stdout; resolves with the exit code: 0, 1 (pod, path or node file not there), 2 (usage). */
export async function run(
  args: readonly string[],
  io: CommandIo,
  load: LoadManifests = loadManifestsLazily,
): Promise<number> {
  if (wantsHelp(args)) {
    io.stdout.write(formatCommandHelp(podCommandHelp(COMMAND)));
    return 0;
  }
  const parsed = parsePodArguments(COMMAND, args, io.env);
  if ("faults" in parsed) return writeFailure(COMMAND, io, parsed);
  const nameservers = parseNameservers(parsed.values.get("--nameserver") ?? []);
  if ("faults" in nameservers) return writeFailure(COMMAND, io, nameservers);
  const node = await readNodeResolvConf(parsed.values.get("--node-resolv-conf")?.at(-1));
  if ("faults" in node) return writeFailure(COMMAND, io, node);
  const loaded = await loadPod(parsed, io, load);
  if ("faults" in loaded) return writeFailure(COMMAND, io, loaded);
  const { objects, pod: found } = loaded;

  const plainPod = { namespace: parsed.options.namespace, dnsPolicy: "ClusterFirst", hostNetwork: false } as const;
  const pod: PodResolvConfInput["pod"] = found ?? plainPod;
  const cluster = clusterNameservers(nameservers, parsed.options.listen, objects);
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

function atPod(problem: Problem, pod: Pod): Problem {
  return { ...problem, object: objectKey(pod), ...(pod.place === undefined ? {} : { place: pod.place }) };
}

function parseNameservers(texts: readonly string[]): readonly string[] | Failure {
  const addresses: string[] = [];
  for (const text of texts.flatMap((each) => each.split(","))) {
    const address = canonicalIp(text.trim());
    if (address === undefined) {
      return usageFailure(
        `--nameserver: ${JSON.stringify(text)} is not an IP address; resolv.conf has no place for a port`,
      );
    }
    addresses.push(address);
  }
  return addresses;
}

function clusterNameservers(
  nameservers: readonly string[],
  listen: readonly ListenAddress[],
  objects: readonly KubeObject[],
): { nameservers: readonly string[]; warnings: readonly Problem[] } {
  const kubeDns = objects.find(
    (object) => object.kind === "Service" && object.namespace === "kube-system" && object.name === "kube-dns",
  );
  const clusterIp = kubeDns?.kind === "Service" ? kubeDns.clusterIPs[0] : undefined;
  // That service maps port 53 to wherever its server listens.
  if (nameservers.length === 0 && clusterIp !== undefined) return { nameservers: [clusterIp], warnings: [] };
  const warnings = listen.filter(({ port }) => port !== 53).map(portWarning);
  if (nameservers.length > 0) return { nameservers, warnings };
  const wildcards = listen.filter(({ host }) => host in LOOPBACK_OF_WILDCARD);
  return {
    nameservers: [...new Set(listen.map(({ host }) => LOOPBACK_OF_WILDCARD[host] ?? host))],
    warnings: [...warnings, ...wildcards.map(wildcardWarning)],
  };
}

const LOOPBACK_OF_WILDCARD: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function portWarning({ host, port }: ListenAddress): Problem {
  return {
    code: "resolv-conf-port",
    severity: "warning",
    message: `the server listens on port ${port} of ${host}, and resolv.conf can't say so: resolvers ask port 53`,
    advice: "let it listen on port 53, or lead port 53 of the nameserver's address to it",
  };
}

function wildcardWarning({ host }: ListenAddress): Problem {
  return {
    code: "resolv-conf-wildcard",
    severity: "warning",
    message: `${host} stands for every address of its machine; ${LOOPBACK_OF_WILDCARD[host]} is right only there`,
    advice: "name the address that pods reach with --nameserver",
  };
}

async function readNodeResolvConf(
  given: string | undefined,
): Promise<{ conf: ResolvConf; problems: readonly Problem[] } | Failure> {
  const file = given ?? NODE_RESOLV_CONF;
  try {
    return parseResolvConf(await readFile(file, "utf8"), file);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
    if (given !== undefined) return { faults: [`--node-resolv-conf: cannot read ${file}: ${reason}`], exitCode: 1 };
    const problem: Problem = {
      code: "node-resolv-conf",
      severity: "warning",
      message: `cannot read ${file} (${reason}): taken as empty`,
      advice: "name the node's file with --node-resolv-conf",
    };
    return { conf: { nameservers: [], searches: [], options: [] }, problems: [problem] };
  }
}
