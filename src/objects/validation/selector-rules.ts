// What an API server requires of a label selector, and whether the labels of a template match it. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
import { A_QUALIFIED_NAME, anyText, isLabels, isLabelValue, isQualifiedName, LABELS } from "./forms.ts";
import { RuleTable } from "./rules.ts";
import type { Mapping } from "../raw-values.ts";
import { itemsIn, mappingIn, textIn, valueIn } from "./values.ts";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"];
const takesValues = (operator: string): boolean => operator === "In" || operator === "NotIn";

export const SELECTOR_RULES = new RuleTable([
  { at: "matchLabels", expected: LABELS, holds: isLabels },
  { at: "matchExpressions[].key", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  {
    at: "matchExpressions[].operator",
    expected: `one of ${OPERATORS.join(", ")}`,
    holds: anyText((operator) => OPERATORS.includes(operator)),
  },
  {
    at: "matchExpressions[].values",
    expected: "at least one value for In and NotIn, and none for Exists and DoesNotExist",
    holds: (_, owner) => {
      const operator = textIn(owner, "operator");
      return !OPERATORS.includes(operator) || itemsIn(owner, "values").length > 0 === takesValues(operator);
    },
  },
  { at: "matchExpressions[].values[]", expected: LABELS, holds: anyText(isLabelValue) },
]);

/** Whether `labels` match the selector; one without conditions matches all. */
export function matches(selector: unknown, labels: Mapping): boolean {
  const wanted = mappingIn(selector, "matchLabels");
  return (
    Object.keys(wanted).every((key) => valueIn(labels, key) !== undefined && labels[key] === (wanted[key] ?? "")) &&
    itemsIn(selector, "matchExpressions").every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: unknown, labels: Mapping): boolean {
  const value = valueIn(labels, textIn(expression, "key"));
  const isListed = value !== undefined && itemsIn(expression, "values").includes(value);
  switch (textIn(expression, "operator")) {
    case "In":
      return isListed;
    case "NotIn":
      return !isListed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return true;
  }
}

/** Whether the selector has no condition. */
export function isEmptySelector(selector: unknown): boolean {
  return Object.keys(mappingIn(selector, "matchLabels")).length + itemsIn(selector, "matchExpressions").length === 0;
}
