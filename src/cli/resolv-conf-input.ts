// What a pod's resolv.conf is made from beside its pod: the cluster's name servers, and the node's own file.
// Reads one file at most; what is wrong is told as a value. The rules are in resolv-conf/pod-resolv-conf.ts.
import { readFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import type { ListenAddress } from "../net/listen-address.ts";
import type { KubeObject, Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import { canonicalIp } from "../net/ip.ts";
import type { Failure } from "./pod-command.ts";
import { usageFailure } from "./pod-command.ts";

/** The node's file where none is named. */
export const NODE_RESOLV_CONF = "/etc/resolv.conf";

/** The addresses of `--nameserver`, each text one or several with commas between; a usage failure for what is none. */
export function parseNameservers(texts: readonly string[]): readonly string[] | Failure {
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

/** The Service that stands for the cluster's DNS server, by its name. */
export function findKubeDns(objects: Iterable<KubeObject>): Service | undefined {
  for (const object of objects) {
    if (object.kind === "Service" && object.namespace === "kube-system" && object.name === "kube-dns") return object;
  }
  return undefined;
}

/** Where pods ask: `nameservers` if given, else the cluster IP of `kubeDns`, else where the server listens. */
export function clusterNameservers(
  nameservers: readonly string[],
  listen: readonly ListenAddress[],
  kubeDns: Service | undefined,
): { nameservers: readonly string[]; warnings: readonly Problem[] } {
  const clusterIp = kubeDns?.clusterIPs[0];
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

/** Reads the node's file: a failure where one that is `given` can't be read, a warning where it is the usual one. */
export async function readNodeResolvConf(
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
