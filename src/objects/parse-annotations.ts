// The annotations of this server: the real addresses of a service or workload, and pods that an operator takes out of
// answers (docs/workloads.md). API servers ignore these annotations. Also the annotations that make an object a hook of
// Helm ("Chart Hooks") or Argo CD ("Resource Hooks"). Pure; faults go to the sink of the field.
import { canonicalIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import type { Inactive, WorkloadKind } from "./kube-object.ts";
import { frozen } from "./parse-common.ts";

const ADDRESSES = "cluster-dns/addresses";
const READY = "cluster-dns/ready";
/** The moments of a release at which Helm runs a hook; at other words it runs none. */
const HELM_HOOK = /^(?:(?:pre|post)-(?:install|delete|upgrade|rollback)|test|test-success|test-failure|crd-install)$/;

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

/**
 * "hook" for an object that runs at one moment of a release only. What Argo CD applies for a hook stays in the cluster,
 * so there only what ends by itself counts; Helm does not take any hook for a part of the release.
 */
export function parseHook(metadata: Field, kind: WorkloadKind | "Pod"): Inactive | undefined {
  const annotations = metadata.get("annotations");
  if (annotations.isAbsent) return undefined;
  const helm = annotations.get("helm.sh/hook").value;
  if (typeof helm === "string" && helm.split(",").some((word) => HELM_HOOK.test(word.trim()))) return "hook";
  const ends = kind === "Pod" || kind === "Job";
  return ends && !annotations.get("argocd.argoproj.io/hook").isAbsent ? "hook" : undefined;
}
