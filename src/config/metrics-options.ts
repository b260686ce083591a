// The options of metrics: whose names they have.
// Rows of the option table.
import type { OptionRow } from "./option-row.ts";
import { choiceOf } from "./option-values.ts";

const NAMES = ["own", "coredns"] as const;

export const METRICS_OPTIONS = {
  /** Whether metrics have CoreDNS's names too, for dashboards and alert rules that ask for those. */
  metricsNames: {
    ...choiceOf(NAMES),
    placeholder: "NAMES",
    default: "own",
    help:
      "Names of the metrics at /metrics of the admin server: own, or coredns, which adds the names and labels of " +
      "CoreDNS for dashboards and alert rules that ask for those",
    example: "coredns",
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
