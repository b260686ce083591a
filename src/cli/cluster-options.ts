// The options of `serve` that decide what a cluster is: every command that loads one takes them, so that all commands
// see the same objects, addresses and names.
import type { OptionName } from "../config/option-names.ts";

export const CLUSTER_OPTIONS: readonly OptionName[] = [
  "clusterDomain",
  "namespace",
  "serviceCidr",
  "podCidr",
  "simulatePods",
  "state",
];
