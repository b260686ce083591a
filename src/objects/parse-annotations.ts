// The annotations that are this server's own: where a service's or workload's processes really run, and what is taken
// out of answers by hand. Pure; faults go to the field's sink. No API server looks at them. docs/workloads.md.
import { canonicalIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import { frozen } from "./parse-common.ts";

const ADDRESSES = "cluster-dns/addresses";
const READY = "cluster-dns/ready";

/** The addresses of `cluster-dns/addresses`, canonical and each once; undefined when absent, empty or not valid. */
export function parseAddressesAnnotation(metadata: Field): readonly string[] | undefined {
  const field = metadata.get("annotations").get(ADDRESSES);
  const text = field.text("IP addresses, joined by commas")?.trim();
  if (text === undefined || text === "") return undefined;
  const addresses = new Set<string>();
  for (const part of text.split(",")) {
    const address = canonicalIp(part.trim());
    if (address === undefined) {
      const advice = `correct ${JSON.stringify(part.trim())}, or remove it`;
      return field.invalid("IP addresses, joined by commas", advice);
    }
    addresses.add(address);
  }
  return frozen([...addresses]);
}

/** False when `cluster-dns/ready` says so; it can't make ready what is not. */
export function parseReadyAnnotation(metadata: Field): boolean {
  const isWord = (text: string): boolean => text === "true" || text === "false";
  return metadata.get("annotations").get(READY).text('"true" or "false"', isWord) !== "false";
}
