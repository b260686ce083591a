// The options of names that have several answers: pods by address, endpoints, lines of hosts files.
// Rows of the option table.
import type { OptionRow } from "./option-row.ts";
import { choiceOf, parseSwitch } from "./option-values.ts";

const PODS_MODES = ["insecure", "verified", "disabled"] as const;

export const NAME_OPTIONS = {
  /** Which pod names by address resolve: any, those of running pods, or none. */
  pods: {
    ...choiceOf(PODS_MODES),
    placeholder: "MODE",
    default: "insecure",
    help:
      "Which pod names by address (10-244-1-5.default.pod.cluster.local) resolve: insecure: any; verified: those " +
      "of running pods in that namespace; disabled: none",
    example: "verified",
  },
  /** Name endpoints without a hostname after their pods. */
  endpointPodNames: {
    form: "switch",
    default: "false",
    help: "Name endpoints without a hostname after their pods instead of their addresses",
    example: "true",
    parse: parseSwitch,
  },
  /** Answer for all types of the names in hosts files, and for the names below them. */
  hostsAuthoritative: {
    form: "switch",
    default: "false",
    help:
      "Answer for all types of the names in hosts files, and for the names below them: what the files do not have " +
      "does not exist. Without it, it is forwarded",
    example: "true",
    parse: parseSwitch,
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
