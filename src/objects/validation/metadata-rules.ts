// What an API server requires of the metadata of every object. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
import { A_QUALIFIED_NAME, isLabels, isQualifiedName, LABELS } from "./forms.ts";
import type { Row, Rule } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import type { Mapping } from "../raw-values.ts";
import { isMapping } from "../raw-values.ts";
import { asText, itemsIn, textIn, valueIn } from "./values.ts";

const ANNOTATIONS_SIZE_MAX = 262_144;
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** The annotations of an object or a template. */
export const ANNOTATION_RULES: readonly Rule[] = [
  {
    at: "annotations",
    expected: `keys as of labels: ${A_QUALIFIED_NAME}`,
    holds: (value) => !isMapping(value) || Object.keys(value).every((key) => isQualifiedName(key.toLowerCase())),
  },
  {
    at: "annotations",
    expected: `at most ${ANNOTATIONS_SIZE_MAX} characters in all`,
    holds: (value) => !isMapping(value) || sizeOf(value) <= ANNOTATIONS_SIZE_MAX,
  },
];

function sizeOf(annotations: Mapping): number {
  let size = 0;
  for (const key of Object.keys(annotations)) size += key.length + asText(annotations[key]).length;
  return size;
}

/** The labels of an object or a template. */
export const LABEL_RULES: readonly Rule[] = [{ at: "labels", expected: LABELS, holds: isLabels }];

const FINALIZER_RULE: Rule = {
  at: "finalizers[]",
  expected: `${A_QUALIFIED_NAME}, such as example.com/clean-up`,
  holds: (name) => {
    const finalizer = asText(name);
    return isQualifiedName(finalizer) && (finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer));
  },
};

/** The spec of a Namespace has only finalizers. */
export const NAMESPACE_RULES: readonly Row[] = [below("spec", [FINALIZER_RULE])];

export const METADATA_RULES = new RuleTable([
  ...LABEL_RULES,
  ...ANNOTATION_RULES,
  FINALIZER_RULE,
  {
    at: "ownerReferences",
    expected: "at most one owner with controller: true",
    holds: (_, owner) => {
      const controllers = itemsIn(owner, "ownerReferences").filter((item) => valueIn(item, "controller") === true);
      return new Set(controllers.map((item) => textIn(item, "uid"))).size < 2;
    },
  },
]);
