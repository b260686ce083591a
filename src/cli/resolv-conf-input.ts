// The input of a pod's resolv.conf besides the pod: the nameservers of the flag, and the resolv.conf of the node.
// Reads at most one file and returns faults as values. The rules are in resolv-conf/pod-resolv-conf.ts.
import { canonicalIp } from "../net/ip.ts";
import type { Problem } from "../objects/problem.ts";
import { NODE_RESOLV_CONF, readResolvConf } from "../planes/read-resolv-conf.ts";
import type { ReadResolvConf } from "../planes/read-resolv-conf.ts";
import { NO_RESOLV_CONF } from "../resolv-conf/resolv-conf.ts";
import type { Failure } from "./failure.ts";
import { usageFailure } from "./failure.ts";

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

/** Reads the node's file. If it can't be read: a failure for the file of the flag (`given`), a warning otherwise. */
export async function readNodeResolvConf(given: string | undefined): Promise<ReadResolvConf | Failure> {
  const file = given ?? NODE_RESOLV_CONF;
  const read = await readResolvConf(file);
  if (!("fault" in read)) return read;
  if (given !== undefined) return { faults: [`--node-resolv-conf: can't read ${file}: ${read.fault}`], exitCode: 1 };
  const problem: Problem = {
    code: "node-resolv-conf",
    severity: "warning",
    message: `can't read ${file} (${read.fault}); an empty file is used`,
    advice: "set --node-resolv-conf to the file of the node",
  };
  return { conf: NO_RESOLV_CONF, problems: [problem] };
}
