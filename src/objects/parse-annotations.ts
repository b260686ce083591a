// The annotations of this server: the real addresses of a service or workload, and pods that an operator takes out of
// answers (docs/workloads.md). Pure; faults go to the sink of the field. API servers ignore these annotations.
import { canonicalIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import { frozen } from "./parse-common.ts";

const ADDRESSES = "cluster-dns/addresses";
const READY = "cluster-dns/ready";

/** The addresses of `cluster-dns/addresses`, canonical and distinct; undefined if absent, empty or invalid. */
export function parseAddressesAnnotation(metadata: Field): readonly string[] | undefined {
  const field = metadata.get("annotations").get(ADDRESSES);
  const text = field.text("IP addresses, separated by commas")?.trim();
  if (text === undefined || text === "") return undefined;
  const addresses = new Set<string>();
  for (const part of text.split(",")) {
    const address = canonicalIp(part.trim());
    if (address === undefined) {
      const advice = `correct ${JSON.stringify(part.trim())}, or remove it`;
      return field.invalid("IP addresses, separated by commas", advice);
    }
    addresses.add(address);
  }
  return frozen([...addresses]);
}

/** False if `cluster-dns/ready` is "false". The annotation can't make a pod ready. */
export function parseReadyAnnotation(metadata: Field): boolean {
  const isWord = (text: string): boolean => text === "true" || text === "false";
  return metadata.get("annotations").get(READY).text('"true" or "false"', isWord) !== "false";
}
