// What an API server requires of the spec of a pod and of a pod template. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import { isDnsSubdomain } from "../kube-names.ts";
import { CONTAINER_RULES, countOf, MOUNT_NAME_RULES, POD_RESOURCE_RULES, PROFILE_RULES } from "./container-rules.ts";
import {
  A_LABEL,
  A_SUBDOMAIN,
  anyText,
  from,
  isAddress,
  isLabel,
  isLabels,
  isSubdomain,
  LABELS,
  text,
} from "./forms.ts";
import { ANNOTATION_RULES, LABEL_RULES } from "./metadata-rules.ts";
import type { Row, Rule, Scope } from "./rules.ts";
import type { Mapping } from "../raw-values.ts";
import { below, mount, RuleTable } from "./rules.ts";
import { asText, itemsIn, mappingIn, textIn, valueIn } from "./values.ts";
import { PLACEMENT_RULES } from "./placement-rules.ts";
import { VOLUME_RULES } from "./volume-rules.ts";

const NAMESERVERS_MAX = 3;
const OVERRIDE_CHARACTERS_MAX = 64;
const NAME_CHARACTERS_MAX = 253;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2048;

const isSearchDomain = (domain: unknown): boolean =>
  domain === "." || isDnsSubdomain(asText(domain).replace(/\.$/, "").replaceAll("_", "a"));

const DNS_RULES: readonly Rule[] = [
  {
    at: "dnsConfig",
    expected: "nameservers, because dnsPolicy is None",
    holds: (value, spec) => textIn(spec, "dnsPolicy") !== "None" || value !== undefined,
  },
  {
    at: "dnsConfig.nameservers",
    expected: "at least one nameserver, because dnsPolicy is None",
    holds: (_, owner, { value: spec }) =>
      textIn(spec, "dnsPolicy") !== "None" || itemsIn(owner, "nameservers").length > 0,
  },
  {
    at: "dnsConfig.nameservers",
    expected: `at most ${NAMESERVERS_MAX} nameservers`,
    holds: (_, owner) => itemsIn(owner, "nameservers").length <= NAMESERVERS_MAX,
  },
  { at: "dnsConfig.nameservers[]", expected: "an IP address", holds: (value) => isAddress(asText(value)) },
  {
    at: "dnsConfig.searches",
    expected: `at most ${SEARCHES_MAX} domains with ${SEARCH_CHARACTERS_MAX} characters, with a space between each two`,
    holds: (_, owner) => {
      const domains = itemsIn(owner, "searches");
      return domains.length <= SEARCHES_MAX && domains.join(" ").length <= SEARCH_CHARACTERS_MAX;
    },
  },
  {
    at: "dnsConfig.searches[]",
    expected: "a domain (a-z, 0-9, hyphens, underscores and dots)",
    holds: isSearchDomain,
  },
  {
    at: "dnsConfig.options[]",
    expected: "an option with a name",
    holds: (option) => textIn(option, "name") !== "",
  },
];

/** Names of pods that the controller of a StatefulSet sets itself, so that the server does not look at them. */
const HOST_NAME_RULES: readonly Rule[] = [
  { at: "hostname", expected: A_LABEL, holds: isLabel },
  { at: "subdomain", expected: A_LABEL, holds: isLabel },
];

const NAME_RULES: readonly Rule[] = [
  ...["serviceAccountName", "nodeName", "priorityClassName"].map((at) => ({
    at,
    expected: A_SUBDOMAIN,
    holds: isSubdomain,
  })),
  { at: "runtimeClassName", expected: A_SUBDOMAIN, holds: anyText(isDnsSubdomain) },
  { at: "os.name", expected: "linux or windows", holds: text((name) => name === "linux" || name === "windows") },
  { at: "nodeSelector", expected: LABELS, holds: isLabels },
  { at: "hostAliases[].ip", expected: "an IP address", holds: anyText(isAddress) },
  { at: "hostAliases[].hostnames[]", expected: A_SUBDOMAIN, holds: (name) => isDnsSubdomain(asText(name)) },
];

const CLAIM_RULES: readonly Rule[] = [
  {
    at: "resourceClaims[]",
    expected: "exactly one of resourceClaimName and resourceClaimTemplateName",
    holds: (claim) => countOf(["resourceClaimName", "resourceClaimTemplateName"], claim) === 1,
  },
  { at: "resourceClaims[].name", expected: A_LABEL, holds: isLabel },
  { at: "resourceClaims[].name", expected: "each name once", distinct: (item) => textIn(item, "name") || undefined },
];

/** The host name that the containers see; it is no name of DNS. */
const OVERRIDE_RULES: readonly Rule[] = [
  {
    at: "hostnameOverride",
    expected: `a DNS name in lower case, at most ${OVERRIDE_CHARACTERS_MAX} characters`,
    holds: anyText((name) => name.length <= OVERRIDE_CHARACTERS_MAX && isDnsSubdomain(name)),
  },
  {
    at: "hostnameOverride",
    expected: "nothing beside setHostnameAsFQDN: true and hostNetwork: true",
    holds: (name, spec) =>
      name === undefined || !["setHostnameAsFQDN", "hostNetwork"].some((field) => valueIn(spec, field) === true),
  },
];

const TIME_RULES: readonly Rule[] = [
  { at: "activeDeadlineSeconds", expected: "an integer from 1 to 2147483647", holds: from(1) },
];

const containers = (list: string): readonly Row[] => [
  below(`${list}[]`, CONTAINER_RULES),
  {
    at: `${list}[].name`,
    expected: "a name that is unique among the containers of the pod",
    distinct: (item) => textIn(item, "name") || undefined,
  },
];

/** Init containers that go on beside the others may have probes and handlers. */
const INIT_RULES: readonly Rule[] = [
  {
    at: "initContainers[].name",
    expected: "a name that is unique among the containers of the pod",
    holds: (name, _, scope) => typeof name !== "string" || name === "" || !scope.names("containers").has(name),
  },
  ...["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"].map((field) => ({
    at: `initContainers[].${field}`,
    expected: "nothing, because the init container has no restartPolicy: Always",
    holds: (value: unknown, owner: Mapping) => value === undefined || textIn(owner, "restartPolicy") === "Always",
  })),
];

/** The spec of every pod and template. */
const SPEC_RULES = new RuleTable([
  {
    at: "containers",
    expected: "at least one container",
    holds: (value) => !Array.isArray(value) || value.length > 0,
  },
  ...containers("containers"),
  ...containers("initContainers"),
  ...INIT_RULES,
  ...VOLUME_RULES,
  ...DNS_RULES,
  ...NAME_RULES,
  ...PLACEMENT_RULES,
  ...TIME_RULES,
  ...["runAsUser", "runAsGroup", "fsGroup", "supplementalGroups[]"].map((at) => ({
    at: `securityContext.${at}`,
    expected: "an integer from 0 to 2147483647",
    holds: from(0),
  })),
  below("securityContext", PROFILE_RULES),
  below("resources", POD_RESOURCE_RULES),
  ...CLAIM_RULES,
  ...OVERRIDE_RULES,
  ...["hostNetwork", "hostPID", "hostIPC"].map((at) => ({
    at,
    expected: "no true beside hostUsers: false",
    holds: (value: unknown, spec: Mapping) => value !== true || valueIn(spec, "hostUsers") !== false,
  })),
  {
    at: "securityContext.sysctls[].name",
    expected: "each kernel parameter once",
    distinct: (item) => textIn(item, "name"),
  },
  {
    at: "shareProcessNamespace",
    expected: "no true beside hostPID: true",
    holds: (value, spec) => value !== true || valueIn(spec, "hostPID") !== true,
  },
  {
    at: "securityContext.sysctls[].name",
    expected: "the name of a kernel parameter",
    holds: text(
      (name) =>
        name.length <= NAME_CHARACTERS_MAX &&
        /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/.test(name),
    ),
  },
]);

/** The volumes that the containers of a pod or of most templates name. */
const MOUNT_RULES = ["containers", "initContainers"].map((list) => below(`${list}[]`, MOUNT_NAME_RULES));

/** The spec of a pod. */
export const POD_RULES: readonly Row[] = [
  mount("spec", SPEC_RULES),
  {
    at: "spec.ephemeralContainers",
    expected: "no ephemeral containers in a new pod",
    advice: "remove them: `kubectl debug` adds them to a running pod",
    holds: (value) => !Array.isArray(value) || value.length === 0,
  },
  mount("spec", [
    ...MOUNT_RULES,
    ...HOST_NAME_RULES,
    ...["containers", "initContainers"].map((list) => ({
      at: `${list}[].image`,
      expected: "an image without spaces around it",
      holds: anyText((image) => image === image.trim()),
    })),
  ]),
];

/** What all templates have. */
const COMMON_TEMPLATE_RULES: readonly Row[] = [
  below("metadata", [...LABEL_RULES, ...ANNOTATION_RULES]),
  {
    at: "spec.ephemeralContainers",
    expected: "no ephemeral containers in a template",
    holds: (value) => !Array.isArray(value) || value.length === 0,
  },
  { at: "spec", expected: "a mapping with containers", holds: (spec) => spec !== undefined },
  mount("spec", SPEC_RULES),
];

/** The template of a workload. */
export const TEMPLATE_RULES = new RuleTable([
  ...COMMON_TEMPLATE_RULES,
  mount("spec", [...MOUNT_RULES, ...HOST_NAME_RULES]),
]);

/** The template of a StatefulSet, whose volumes may be claims of the set; the scope is the set. */
export const STATEFUL_TEMPLATE_RULES = new RuleTable([
  ...COMMON_TEMPLATE_RULES,
  ...["containers", "initContainers"].map((list) => ({
    at: `spec.${list}[].volumeMounts[].name`,
    expected: "the name of a volume of the pod or of a claim in volumeClaimTemplates",
    advice: "add the volume to volumes or volumeClaimTemplates, or correct the name",
    holds: (name: unknown, _: Mapping, scope: Scope) =>
      typeof name !== "string" || name === "" || scope.once("volumes", () => volumesOfSet(scope.value)).has(name),
  })),
]);

function volumesOfSet(set: Mapping): ReadonlySet<string> {
  const spec = mappingIn(set, "spec");
  const claims = itemsIn(spec, "volumeClaimTemplates").map((claim) => mappingIn(claim, "metadata"));
  const volumes = itemsIn(mappingIn(mappingIn(spec, "template"), "spec"), "volumes");
  return new Set([...claims, ...volumes].map((item) => textIn(item, "name")));
}
