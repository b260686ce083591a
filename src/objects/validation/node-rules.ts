// What an API server requires of a Node. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/
import { A_QUALIFIED_NAME, anyText, isLabelValue, isQualifiedName, text } from "./forms.ts";
import { isPrefix } from "./prefix.ts";
import type { Rule } from "./rules.ts";
import { asText, textIn } from "./values.ts";

export const NODE_RULES: readonly Rule[] = [
  { at: "spec.podCIDR", expected: "a prefix, such as 10.244.0.0/24", holds: text(isPrefix) },
  { at: "spec.podCIDRs[]", expected: "each prefix once", distinct: (prefix) => asText(prefix) },
  { at: "spec.taints[].key", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  { at: "spec.taints[].value", expected: "a label's value", holds: anyText(isLabelValue) },
  {
    at: "spec.taints[]",
    expected: "a key and an effect that are unique among the taints of the node",
    distinct: (taint) => `${textIn(taint, "key")} ${textIn(taint, "effect")}`,
  },
];
