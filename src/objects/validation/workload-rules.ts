// What an API server requires of workloads: selectors that match templates, strategies, the numbers of Jobs, schedules.
// Pure. Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
import { isDnsLabel } from "../kube-names.ts";
import { isSchedule, isTimeZone } from "./cron-schedule.ts";
import { A_LABEL, A_SUBDOMAIN, anyText, from, isLabel, isQualifiedName, isSubdomain, text } from "./forms.ts";
import { CLAIM_RULES } from "./volume-rules.ts";
import { STATEFUL_TEMPLATE_RULES, TEMPLATE_RULES } from "./pod-rules.ts";
import type { Row, Rule } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import { isEmptySelector, matches, SELECTOR_RULES } from "./selector-rules.ts";
import type { Mapping } from "../raw-values.ts";
import { asText, mappingIn, numberIn, textIn, valueIn } from "./values.ts";

const INDEXED_PARALLELISM_MAX = 100_000;
const JOB_NAME_MAX = 63;
const CRON_JOB_NAME_MAX = 52;
/** A label of the pods has the name, a hyphen and a hash of ten characters. */
const STATEFUL_SET_NAME_MAX = 52;

const atLeast0 = (at: string): Rule => ({ at, expected: "an integer of at least 0", holds: from(0) });
const labelsOf = (spec: Mapping): Mapping => mappingIn(mappingIn(mappingIn(spec, "template"), "metadata"), "labels");

const restartPolicy = (choices: readonly string[]): Rule => ({
  at: "template.spec.restartPolicy",
  expected: choices.join(" or "),
  holds: (policy) => choices.includes(asText(policy) || "Always"),
});
const NO_DEADLINE: Rule = {
  at: "template.spec.activeDeadlineSeconds",
  expected: "no deadline: the pods of this kind do not end",
  holds: (value) => value === undefined,
};

/** The rules for a template whose metadata is there and for one whose metadata is absent. */
function selected(selectorOf: (spec: Mapping) => unknown): readonly Rule[] {
  return ["template.metadata", "template.metadata.labels"].map((at) => ({
    at,
    expected: "labels that spec.selector matches",
    advice: "make the labels of the template and spec.selector agree",
    holds: (metadata, _, { value }) => {
      const spec = mappingIn(value, "spec");
      const isJudgedBelow = at === "template.metadata" && metadata !== undefined;
      return isJudgedBelow || matches(selectorOf(spec), labelsOf(spec));
    },
  }));
}

const SELECTS_TEMPLATE: readonly Row[] = [
  below("selector", SELECTOR_RULES),
  {
    at: "selector",
    expected: "at least one label",
    holds: (selector) => selector === undefined || !isEmptySelector(selector),
  },
  ...selected((spec) => valueIn(spec, "selector")),
];

const amountOf = (value: unknown, absent: number): number =>
  value === undefined ? absent : typeof value === "number" ? value : Number.parseInt(asText(value), 10);
const isAmount = (value: unknown): boolean =>
  value === undefined || (typeof value === "number" ? value >= 0 : /^\d+%$/.test(asText(value)));
const isShare = (value: unknown): boolean =>
  isAmount(value) && (typeof value !== "string" || Number.parseInt(value, 10) <= 100);

const A_SHARE = "an integer of at least 0, or a percentage in quotes, at most 100%";

const DEPLOYMENT_STRATEGY: readonly Rule[] = [
  {
    at: "strategy.rollingUpdate",
    expected: "nothing, because strategy.type is Recreate",
    holds: (value, owner) => value === undefined || textIn(owner, "type") !== "Recreate",
  },
  { at: "strategy.rollingUpdate.maxUnavailable", expected: A_SHARE, holds: isShare },
  { at: "strategy.rollingUpdate.maxSurge", expected: "an integer of at least 0, or a percentage", holds: isAmount },
  {
    at: "strategy.rollingUpdate.maxUnavailable",
    expected: "more than 0, because maxSurge is 0",
    holds: (value, owner) => amountOf(value, 25) !== 0 || amountOf(valueIn(owner, "maxSurge"), 25) !== 0,
  },
  {
    at: "progressDeadlineSeconds",
    expected: "more than minReadySeconds",
    holds: (value, spec) => value === undefined || Number(value) > numberIn(spec, "minReadySeconds"),
  },
];

const DAEMON_SET_STRATEGY: readonly Rule[] = [
  { at: "updateStrategy.rollingUpdate.maxUnavailable", expected: A_SHARE, holds: isShare },
  { at: "updateStrategy.rollingUpdate.maxSurge", expected: A_SHARE, holds: isShare },
  {
    at: "updateStrategy.rollingUpdate.maxSurge",
    expected: "0, because maxUnavailable is not 0",
    holds: (value, owner) => amountOf(value, 0) === 0 || amountOf(valueIn(owner, "maxUnavailable"), 1) === 0,
  },
  {
    at: "updateStrategy.rollingUpdate.maxUnavailable",
    expected: "more than 0, because maxSurge is 0",
    holds: (value, owner) => amountOf(value, 1) !== 0 || amountOf(valueIn(owner, "maxSurge"), 0) !== 0,
  },
];

const STATEFUL_SET_SPEC: readonly Row[] = [
  { at: "serviceName", expected: A_LABEL, holds: isLabel },
  { at: "volumeClaimTemplates[].metadata.name", expected: A_LABEL, holds: isLabel },
  {
    at: "volumeClaimTemplates[].metadata",
    expected: "the name of the claim",
    holds: (metadata) => textIn(metadata, "name") !== "",
  },
  { at: "volumeClaimTemplates[].spec", expected: "the spec of the claim", holds: (value) => value !== undefined },
  below("volumeClaimTemplates[].spec", CLAIM_RULES),
  ...["whenDeleted", "whenScaled"].map((at) => ({
    at: `persistentVolumeClaimRetentionPolicy.${at}`,
    expected: "Retain or Delete",
    holds: text((policy) => policy === "Retain" || policy === "Delete"),
  })),
  { at: "updateStrategy.rollingUpdate.maxUnavailable", expected: A_SHARE, holds: isShare },
  {
    at: "updateStrategy.rollingUpdate.maxUnavailable",
    expected: "more than 0",
    holds: (value) => amountOf(value, 1) !== 0,
  },
  atLeast0("ordinals.start"),
  atLeast0("updateStrategy.rollingUpdate.partition"),
  {
    at: "updateStrategy.rollingUpdate",
    expected: "nothing, because updateStrategy.type is OnDelete",
    holds: (value, owner) => value === undefined || textIn(owner, "type") !== "OnDelete",
  },
];

const COUNTS = ["replicas", "minReadySeconds", "progressDeadlineSeconds"];
const LASTING: readonly Row[] = [...COUNTS.map(atLeast0), ...SELECTS_TEMPLATE, restartPolicy(["Always"]), NO_DEADLINE];

const isIndexed = (spec: Mapping): boolean => textIn(spec, "completionMode") === "Indexed";
const completionsOf = (spec: Mapping): number =>
  valueIn(spec, "completions") === undefined ? 1 : numberIn(spec, "completions");
const JOB_COUNTS = "parallelism completions backoffLimit ttlSecondsAfterFinished backoffLimitPerIndex maxFailedIndexes";

const JOB_SPEC = new RuleTable([
  ...JOB_COUNTS.split(" ").map(atLeast0),
  {
    at: "activeDeadlineSeconds",
    expected: "an integer of at least 0",
    holds: from(0, Number.MAX_SAFE_INTEGER),
  },
  {
    at: "backoffLimitPerIndex",
    expected: "a number, because of maxFailedIndexes",
    holds: (value, spec) => value !== undefined || valueIn(spec, "maxFailedIndexes") === undefined,
  },
  { at: "podReplacementPolicy", expected: "Failed or TerminatingOrFailed", holds: (value) => value !== "" },
  {
    at: "completions",
    expected: "a number of completions, because completionMode is Indexed",
    // By default both numbers are 1, so that a lone parallelism leaves completions absent.
    holds: (value, spec) => value !== undefined || !isIndexed(spec) || valueIn(spec, "parallelism") === undefined,
  },
  {
    at: "parallelism",
    expected: `at most ${INDEXED_PARALLELISM_MAX}, because completionMode is Indexed`,
    holds: (value, spec) => !isIndexed(spec) || from(0, INDEXED_PARALLELISM_MAX)(value),
  },
  {
    at: "maxFailedIndexes",
    expected: "no more than completions",
    holds: (value, spec) => value === undefined || !isIndexed(spec) || Number(value) <= completionsOf(spec),
  },
  ...["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"].map((at) => ({
    at,
    expected: "completionMode: Indexed",
    holds: (value: unknown, spec: Mapping) => value === undefined || isIndexed(spec),
  })),
  restartPolicy(["Never", "OnFailure"]),
  {
    at: "template.spec.restartPolicy",
    expected: "Never, because of podFailurePolicy",
    holds: (policy, _, { value: job }) =>
      policy !== "OnFailure" || valueIn(mappingIn(job, "spec"), "podFailurePolicy") === undefined,
  },
  {
    at: "managedBy",
    expected: "the name of a controller, such as example.com/controller",
    holds: anyText((name) => name.includes("/") && isQualifiedName(name)),
  },
  below("selector", SELECTOR_RULES),
  {
    at: "selector",
    expected: "no selector: Kubernetes makes that of a Job",
    advice: "remove it, or set manualSelector: true",
    holds: (value, spec) => value === undefined || valueIn(spec, "manualSelector") === true,
  },
  below("template", TEMPLATE_RULES),
]);

const CRON_JOB_SPEC: readonly Row[] = [
  {
    at: "schedule",
    expected: "five fields (minute, hour, day, month, weekday), or @hourly, @daily, @weekly, @monthly or @yearly",
    holds: text(isSchedule),
  },
  { at: "timeZone", expected: "the name of a time zone, such as Europe/Berlin", holds: anyText(isTimeZone) },
  ...["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"].map((at) => ({
    at,
    expected: "an integer of at least 0",
    holds: from(0, Number.MAX_SAFE_INTEGER),
  })),
  { at: "jobTemplate.spec", expected: "a mapping with a template", holds: (value) => value !== undefined },
  below("jobTemplate.spec", JOB_SPEC),
];

const TEMPLATE = below("template", TEMPLATE_RULES);
const REVISIONS = atLeast0("revisionHistoryLimit");

export const DEPLOYMENT_RULES = [below("spec", [...LASTING, REVISIONS, ...DEPLOYMENT_STRATEGY, TEMPLATE])];
export const REPLICA_SET_RULES = [below("spec", [...LASTING, TEMPLATE])];
export const DAEMON_SET_RULES = [below("spec", [...LASTING, REVISIONS, ...DAEMON_SET_STRATEGY, TEMPLATE])];
export const STATEFUL_SET_RULES: readonly Row[] = [
  {
    at: "metadata.name",
    code: "stateful-set-name-too-long",
    expected:
      `at most ${STATEFUL_SET_NAME_MAX} characters: a label of the pods has the name with a hash, ` +
      "so a cluster makes no pods of this set",
    advice: "use a shorter name",
    holds: (name) => asText(name).length <= STATEFUL_SET_NAME_MAX,
  },
  below("spec", [...LASTING, ...STATEFUL_SET_SPEC, below("template", STATEFUL_TEMPLATE_RULES)]),
];

export const REPLICATION_CONTROLLER_RULES = [
  below("spec", [
    atLeast0("replicas"),
    atLeast0("minReadySeconds"),
    {
      at: "selector",
      expected: "a label, because the template has no labels that would be the selector",
      advice: "add labels to the template",
      holds: (_, spec) =>
        [mappingIn(spec, "selector"), labelsOf(spec)].some((labels) => Object.keys(labels).length > 0),
    },
    ...selected((spec) => ({ matchLabels: valueIn(spec, "selector") })),
    restartPolicy(["Always"]),
    NO_DEADLINE,
    TEMPLATE,
  ]),
];

export const JOB_RULES: readonly Row[] = [
  {
    at: "metadata.name",
    expected: `at most ${JOB_NAME_MAX} characters, because a label of the pods has the name`,
    holds: (name) => asText(name).length <= JOB_NAME_MAX,
  },
  below("spec", JOB_SPEC),
  {
    at: "metadata.name",
    expected: "a name that is a DNS label of at most 63 characters with the number of the last pod after it",
    holds: (name, _, { value }) => {
      const job = mappingIn(value, "spec");
      const completions = numberIn(job, "completions");
      return !isIndexed(job) || completions < 1 || isDnsLabel(`${asText(name)}-${completions - 1}`);
    },
  },
];

export const CRON_JOB_RULES: readonly Row[] = [
  { at: "metadata.name", expected: A_SUBDOMAIN, holds: isSubdomain },
  {
    at: "metadata.name",
    expected: `at most ${CRON_JOB_NAME_MAX} characters`,
    holds: (name) => asText(name).length <= CRON_JOB_NAME_MAX,
  },
  below("spec", CRON_JOB_SPEC),
];
