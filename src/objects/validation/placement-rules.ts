// What an API server requires of the fields that decide on which node a pod runs. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#scheduling
import { A_QUALIFIED_NAME, anyText, from, isLabelValue, isQualifiedName, text } from "./forms.ts";
import type { Row, Rule } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import { SELECTOR_RULES } from "./selector-rules.ts";
import { itemsIn, textIn, valueIn } from "./values.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const WEIGHT_MAX = 100;

const NODE_TERM_RULES = new RuleTable([
  { at: "matchExpressions[].key", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  {
    at: "matchExpressions[].values",
    expected: "at least one value for In and NotIn, one for Gt and Lt, and none for Exists and DoesNotExist",
    holds: (_, owner) => {
      const count = itemsIn(owner, "values").length;
      const operator = textIn(owner, "operator");
      if (operator === "In" || operator === "NotIn") return count > 0;
      return operator === "Gt" || operator === "Lt" ? count === 1 : count === 0;
    },
  },
]);

const POD_TERM_RULES = new RuleTable([
  { at: "topologyKey", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  below("labelSelector", SELECTOR_RULES),
]);

const weight = (at: string): Rule => ({
  at: `${at}[].weight`,
  expected: `an integer from 1 to ${WEIGHT_MAX}`,
  holds: from(1, WEIGHT_MAX),
});

const AFFINITY_RULES: readonly Row[] = [
  {
    at: `nodeAffinity.${REQUIRED}.nodeSelectorTerms`,
    expected: "at least one term",
    holds: (terms) => Array.isArray(terms) && terms.length > 0,
  },
  below(`nodeAffinity.${REQUIRED}.nodeSelectorTerms[]`, NODE_TERM_RULES),
  {
    at: `nodeAffinity.${REQUIRED}.nodeSelectorTerms[].matchExpressions[].values[]`,
    expected: "a label's value",
    holds: anyText(isLabelValue),
  },
  weight(`nodeAffinity.${PREFERRED}`),
  below(`nodeAffinity.${PREFERRED}[].preference`, NODE_TERM_RULES),
  ...["podAffinity", "podAntiAffinity"].flatMap((kind) => [
    below(`${kind}.${REQUIRED}[]`, POD_TERM_RULES),
    weight(`${kind}.${PREFERRED}`),
    below(`${kind}.${PREFERRED}[].podAffinityTerm`, POD_TERM_RULES),
  ]),
];

const TOLERATION_RULES: readonly Rule[] = [
  { at: "key", expected: A_QUALIFIED_NAME, holds: text(isQualifiedName) },
  {
    at: "operator",
    expected: "Exists, because the toleration has no key",
    holds: (operator, owner) => textIn(owner, "key") !== "" || operator === "Exists",
  },
  {
    at: "value",
    expected: "a label's value, and none for the operator Exists",
    holds: (value, owner) =>
      textIn(owner, "operator") === "Exists" ? (value ?? "") === "" : anyText(isLabelValue)(value),
  },
  {
    at: "effect",
    expected: "NoExecute, because of tolerationSeconds",
    holds: (effect, owner) => valueIn(owner, "tolerationSeconds") === undefined || effect === "NoExecute",
  },
];

/** Affinity, tolerations, spread and gates. */
export const PLACEMENT_RULES: readonly Row[] = [
  below("affinity", AFFINITY_RULES),
  below("tolerations[]", TOLERATION_RULES),
  { at: "topologySpreadConstraints[].maxSkew", expected: "an integer of at least 1", holds: from(1) },
  { at: "topologySpreadConstraints[].minDomains", expected: "an integer of at least 1", holds: from(1) },
  {
    at: "topologySpreadConstraints[].minDomains",
    expected: "nothing, because whenUnsatisfiable is not DoNotSchedule",
    holds: (value, owner) => value === undefined || textIn(owner, "whenUnsatisfiable") === "DoNotSchedule",
  },
  {
    at: "topologySpreadConstraints[]",
    expected: "a topologyKey and a whenUnsatisfiable that no other constraint has together",
    distinct: (item) => `${textIn(item, "topologyKey")} ${textIn(item, "whenUnsatisfiable")}`,
  },
  below("topologySpreadConstraints[].labelSelector", SELECTOR_RULES),
  { at: "schedulingGates[].name", expected: A_QUALIFIED_NAME, holds: text(isQualifiedName) },
  { at: "readinessGates[].conditionType", expected: A_QUALIFIED_NAME, holds: text(isQualifiedName) },
];
