// The input of a pod's resolv.conf besides the pod: the nameservers of the cluster and the resolv.conf of the node.
// Reads at most one file and returns faults as values. The rules are in resolv-conf/pod-resolv-conf.ts.
import { readFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import type { ListenAddress } from "../net/listen-address.ts";
import type { KubeObject, Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import { canonicalIp } from "../net/ip.ts";
import type { Failure } from "./failure.ts";
import { usageFailure } from "./failure.ts";

/** The default of `--node-resolv-conf`. */
export const NODE_RESOLV_CONF = "/etc/resolv.conf";

/** The addresses of `--nameserver`; each text has one or several, separated by commas. A bad address is a failure. */
export function parseNameservers(texts: readonly string[]): readonly string[] | Failure {
  const addresses: string[] = [];
  for (const text of texts.flatMap((each) => each.split(","))) {
    const address = canonicalIp(text.trim());
    if (address === undefined) {
      return usageFailure(`--nameserver: ${JSON.stringify(text)} is not an IP address; resolv.conf can't have a port`);
    }
    addresses.push(address);
  }
  return addresses;
}

/** The Service of the cluster's DNS server, `kube-system/kube-dns`, unless no source gives it. */
export function findKubeDns(objects: Iterable<KubeObject>): Service | undefined {
  for (const object of objects) {
    if (object.kind !== "Service" || object.simulated === true) continue;
    if (object.namespace === "kube-system" && object.name === "kube-dns") return object;
  }
  return undefined;
}

/** The nameservers of pods: `nameservers` if given, else the cluster IP of `kubeDns`, else the listen addresses. */
export function clusterNameservers(
  nameservers: readonly string[],
  listen: readonly ListenAddress[],
  kubeDns: Service | undefined,
): { nameservers: readonly string[]; warnings: readonly Problem[] } {
  const clusterIp = kubeDns?.clusterIPs[0];
  // The service maps port 53 to the port of the server, so no warning is needed.
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
    message: `the server listens on port ${port} of ${host}, but resolv.conf can't set a port: resolvers use port 53`,
    advice: "listen on port 53, or redirect port 53 of the nameserver address to it",
  };
}

function wildcardWarning({ host }: ListenAddress): Problem {
  return {
    code: "resolv-conf-wildcard",
    severity: "warning",
    message: `${host} means all addresses of the machine; ${LOOPBACK_OF_WILDCARD[host]} works only on that machine`,
    advice: "set --nameserver to the address that pods can reach",
  };
}

/** Reads the node's file. If it can't be read: a failure for the file of the flag (`given`), a warning otherwise. */
export async function readNodeResolvConf(
  given: string | undefined,
): Promise<{ conf: ResolvConf; problems: readonly Problem[] } | Failure> {
  const file = given ?? NODE_RESOLV_CONF;
  try {
    return parseResolvConf(await readFile(file, "utf8"), file);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
    if (given !== undefined) return { faults: [`--node-resolv-conf: can't read ${file}: ${reason}`], exitCode: 1 };
    const problem: Problem = {
      code: "node-resolv-conf",
      severity: "warning",
      message: `can't read ${file} (${reason}); an empty file is used`,
      advice: "set --node-resolv-conf to the file of the node",
    };
    return { conf: { nameservers: [], searches: [], options: [] }, problems: [problem] };
  }
}
