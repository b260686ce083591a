// The options of `serve` that affect the cluster. Every command that loads a cluster takes them, so that all commands
// have the same objects, addresses and names.
import type { OptionName } from "../config/option-names.ts";

export const CLUSTER_OPTIONS: readonly OptionName[] = [
  "clusterDomain",
  "namespace",
  "serviceCidr",
  "podCidr",
  "kustomize",
  "simulatePods",
  "clusterServices",
  "state",
  "memory",
];

/** Those that affect answers too, for commands that show these. */
export const ANSWER_OPTIONS: readonly OptionName[] = [
  ...CLUSTER_OPTIONS,
  "ttl",
  "negativeTtl",
  "pods",
  "endpointPodNames",
];
