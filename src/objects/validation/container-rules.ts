// What an API server requires of the containers of a pod; the scope of the rules is the pod's spec. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
import { quantityOf } from "../schema/scalar-text.ts";
import { isDnsLabel, isDnsSubdomain, isPortName } from "../kube-names.ts";
import {
  A_LABEL,
  A_PORT,
  A_PORT_NAME,
  A_QUALIFIED_NAME,
  A_SUBDOMAIN,
  anyText,
  from,
  isPort,
  isPortOrName,
  isQualifiedName,
  text,
} from "./forms.ts";
import type { Row, Rule, Scope } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import type { Mapping } from "../raw-values.ts";
import { isMapping } from "../raw-values.ts";
import { asText, itemsIn, mappingIn, numberIn, textIn, valueIn } from "./values.ts";

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
const ENV_SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
const METADATA_PATH = /^metadata\.(?:name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])$/;
const POD_PATH = /^(?:spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const RESOURCE = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;
const RESTART_POLICIES = ["Always", "Never", "OnFailure"];
const USER_MAX = 0x7fff_ffff;

/** How many of `fields` the object has. */
export function countOf(fields: readonly string[], owner: unknown): number {
  return fields.filter((field) => valueIn(owner, field) !== undefined).length;
}

const isKey = anyText(
  (key) => key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && key !== "." && !key.startsWith(".."),
);
const isVariableName = text((name) => /^[\x20-\x3c\x3e-\x7e]+$/.test(name));
/** A path below the volume that never leaves it. */
export const isPathWithin = anyText((path) => !path.startsWith("/") && !path.split("/").includes(".."));

/** The handlers of probes and of the life cycle. */
const HANDLER_RULES: readonly Rule[] = [
  { at: "exec.command", expected: "a command", holds: (_, owner) => itemsIn(owner, "command").length > 0 },
  { at: "httpGet.port", expected: `${A_PORT}, or ${A_PORT_NAME}`, holds: isPortOrName },
  {
    at: "httpGet.httpHeaders[].name",
    expected: "the name of a header",
    holds: text((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)),
  },
  { at: "tcpSocket.port", expected: `${A_PORT}, or ${A_PORT_NAME}`, holds: isPortOrName },
  { at: "grpc.port", expected: A_PORT, holds: isPort },
  {
    at: "sleep",
    expected: "seconds from 1 to terminationGracePeriodSeconds",
    holds: (sleep, _, { value: spec }) =>
      sleep === undefined || (numberIn(sleep, "seconds") >= 0 && numberIn(sleep, "seconds") <= graceOf(spec)),
  },
];

const GRACE_SECONDS = 30;

/** The seconds that a pod has to end; a negative number stands for 1. */
function graceOf(spec: Mapping): number {
  const seconds = valueIn(spec, "terminationGracePeriodSeconds");
  return typeof seconds !== "number" ? GRACE_SECONDS : seconds < 0 ? 1 : seconds;
}

const oneHandler = (at: string): Rule => ({
  at,
  expected: "exactly one of exec, httpGet, tcpSocket, grpc and sleep",
  holds: (handler) => !isMapping(handler) || countOf(HANDLERS, handler) === 1,
});

const PROBE_RULES = new RuleTable([
  ...HANDLER_RULES,
  ...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"].map((at) => ({
    at,
    expected: "an integer of at least 0",
    holds: from(0),
  })),
  {
    at: "terminationGracePeriodSeconds",
    expected: "an integer of at least 1",
    holds: from(1, Number.MAX_SAFE_INTEGER),
  },
]);

const probe = (name: string): readonly Row[] => [oneHandler(name), below(name, PROBE_RULES)];
const oneSuccess = (name: string): Rule => ({
  at: `${name}.successThreshold`,
  expected: "1",
  holds: from(0, 1),
});

const ENV_RULES: readonly Rule[] = [
  { at: "env[].name", expected: "a name of printable characters other than =", holds: isVariableName },
  {
    at: "env[].valueFrom",
    expected: `exactly one of ${ENV_SOURCES.join(", ")}, and no value beside it`,
    holds: (source, owner) =>
      !isMapping(source) || (countOf(ENV_SOURCES, source) === 1 && textIn(owner, "value") === ""),
  },
  { at: "env[].valueFrom.configMapKeyRef.key", expected: "letters, digits, -, _ and dots", holds: isKey },
  { at: "env[].valueFrom.secretKeyRef.key", expected: "letters, digits, -, _ and dots", holds: isKey },
  {
    at: "env[].valueFrom.fieldRef.fieldPath",
    expected: "a field that variables can have, such as metadata.name or status.podIP",
    holds: text((path) => METADATA_PATH.test(path) || POD_PATH.test(path)),
  },
  {
    at: "env[].valueFrom.resourceFieldRef.resource",
    expected: "requests or limits of cpu, memory, ephemeral-storage or huge pages",
    holds: text((name) => /^(?:requests|limits)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name)),
  },
  ...[
    "env[].valueFrom.configMapKeyRef",
    "env[].valueFrom.secretKeyRef",
    "envFrom[].configMapRef",
    "envFrom[].secretRef",
  ].map((at) => ({
    at: `${at}.name`,
    expected: A_SUBDOMAIN,
    holds: (name: unknown) => typeof name === "string" && isDnsSubdomain(name),
  })),
  { at: "envFrom[].prefix", expected: "printable characters other than =", holds: isVariableName },
  {
    at: "envFrom[]",
    expected: "either configMapRef or secretRef",
    holds: (source) => countOf(["configMapRef", "secretRef"], source) === 1,
  },
];

const PORT_RULES: readonly Rule[] = [
  { at: "ports[].containerPort", expected: A_PORT, holds: isPort },
  { at: "ports[].hostPort", expected: A_PORT, holds: from(0, 65_535) },
  {
    at: "ports[].hostPort",
    expected: "the containerPort, because hostNetwork is true",
    holds: (port, owner, { value: spec }) =>
      (port ?? 0) === 0 || valueIn(spec, "hostNetwork") !== true || port === numberIn(owner, "containerPort"),
  },
  { at: "ports[].name", expected: A_PORT_NAME, holds: text(isPortName) },
  {
    at: "ports[].name",
    expected: "a name that is unique among the ports of the container",
    distinct: (item) => textIn(item, "name") || undefined,
  },
  {
    at: "ports[].hostPort",
    expected: "a hostPort that is unique in the pod for its protocol and address",
    distinct: (item) => {
      const port = numberIn(item, "hostPort");
      return port === 0 ? undefined : `${textIn(item, "protocol") || "TCP"} ${textIn(item, "hostIP")} ${port}`;
    },
  },
];

const MOUNT_RULES: readonly Rule[] = [
  {
    at: "volumeMounts[].mountPath",
    expected: "a path that is unique in the container",
    distinct: (item) => textIn(item, "mountPath") || undefined,
  },
  { at: "volumeMounts[].subPath", expected: "a path within the volume, without ..", holds: isPathWithin },
  { at: "volumeMounts[].subPathExpr", expected: "a path within the volume, without ..", holds: isPathWithin },
  {
    at: "volumeMounts[].subPathExpr",
    expected: "nothing beside subPath",
    holds: (path, owner) => (path ?? "") === "" || textIn(owner, "subPath") === "",
  },
  {
    at: "volumeMounts[].mountPropagation",
    expected: "None, HostToContainer or Bidirectional",
    holds: text((mode) => ["None", "HostToContainer", "Bidirectional"].includes(mode)),
  },
];

const isOfOthers = (name: string): boolean => name.includes("/") && !name.includes("kubernetes.io/");
const isResource = (name: string): boolean =>
  name.includes("/")
    ? isQualifiedName(name) && !(isOfOthers(name) && name.startsWith("requests."))
    : RESOURCE.test(name);
const allOf =
  (holds: (name: string, amount: unknown, owner: Mapping) => boolean): NonNullable<Rule["holds"]> =>
  (amounts, owner) =>
    !isMapping(amounts) || Object.keys(amounts).every((name) => holds(name, amounts[name], owner));

/** The resources of a container. */
const RESOURCE_RULES: readonly Rule[] = ["limits", "requests"].flatMap((at) => [
  {
    at: `resources.${at}`,
    expected: `cpu, memory, ephemeral-storage, hugepages-SIZE, or ${A_QUALIFIED_NAME}`,
    holds: allOf(isResource),
  },
  {
    at: `resources.${at}`,
    expected: "amounts of at least 0",
    holds: allOf((_, amount) => !(quantityOf(amount) < 0)),
  },
]);

const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
const HUGE_PAGES: Readonly<Record<string, number>> = { "hugepages-2Mi": 2 ** 21, "hugepages-1Gi": 2 ** 30 };
const PLAIN_RESOURCES = ["cpu", "memory"];

/** Huge pages, and what device plugins and other extensions offer (`nvidia.com/gpu`), can't be shared. */
const WHOLE_RULES: readonly Rule[] = [
  ...["limits", "requests"].map((at) => ({
    at,
    expected: "whole numbers of extended resources and of huge pages",
    holds: allOf((name, amount) => {
      const unit = isOfOthers(name) ? 1 : Object.hasOwn(HUGE_PAGES, name) ? HUGE_PAGES[name]! : 0;
      return unit === 0 || quantityOf(amount) % unit === 0;
    }),
  })),
  {
    at: "limits",
    expected: "limits for the extended resources and huge pages in requests",
    advice: "set the limit to the request: such resources are not shared",
    holds: (limits, owner) =>
      Object.keys(mappingIn(owner, "requests")).every(
        (name) => !(isOfOthers(name) || isHugePages(name)) || valueIn(limits, name) !== undefined,
      ),
  },
  {
    at: "requests",
    expected: "the limits of extended resources and huge pages",
    advice: "set the request to the limit, or remove it",
    holds: allOf((name, amount, owner) => {
      const limit = valueIn(mappingIn(owner, "limits"), name);
      return (
        limit === undefined || !(isOfOthers(name) || isHugePages(name)) || quantityOf(amount) === quantityOf(limit)
      );
    }),
  },
];

const HUGE_PAGES_RULE: Rule = {
  at: "resources",
  expected: "cpu or memory beside huge pages",
  holds: (resources) => {
    const names = ["limits", "requests"].flatMap((list) => Object.keys(mappingIn(resources, list)));
    return !names.some(isHugePages) || names.some((name) => PLAIN_RESOURCES.includes(name));
  },
};

const REQUEST_RULE: Rule = {
  at: "resources.requests",
  expected: "no more than the limits",
  holds: allOf((name, amount, owner) => {
    const limit = valueIn(mappingIn(owner, "limits"), name);
    return limit === undefined || !(quantityOf(amount) > quantityOf(limit));
  }),
};

const isLocalProfile = (profile: unknown): boolean => textIn(profile, "type") === "Localhost";

/** The profiles of a security context, of a container and of a pod alike. */
export const PROFILE_RULES: readonly Rule[] = ["seccompProfile", "appArmorProfile"].flatMap((profile) => [
  {
    at: `${profile}.localhostProfile`,
    expected: "the name of a profile with type: Localhost, and nothing with other types",
    holds: (name: unknown, owner: Mapping) => isLocalProfile(owner) === (asText(name) !== ""),
  },
  {
    at: `${profile}.localhostProfile`,
    expected: "a path below the folder of profiles, without ..",
    holds: (name: unknown) => isPathWithin(name),
  },
]);

const SECURITY_RULES: readonly Row[] = [
  below("securityContext", PROFILE_RULES),
  { at: "securityContext.runAsUser", expected: "an integer of at least 0", holds: from(0, USER_MAX) },
  { at: "securityContext.runAsGroup", expected: "an integer of at least 0", holds: from(0, USER_MAX) },
  {
    at: "securityContext.allowPrivilegeEscalation",
    expected: "no false beside privileged: true",
    holds: (value, owner) => value !== false || valueIn(owner, "privileged") !== true,
  },
];

/** The volumes that a container names are those of its pod. */
export const MOUNT_NAME_RULES: readonly Rule[] = [
  ...["volumeMounts", "volumeDevices"].map((list) => ({
    at: `${list}[].name`,
    expected: "the name of a volume of the pod",
    advice: "add the volume to volumes, or correct the name",
    holds: (name: unknown, _: Mapping, scope: Scope) =>
      typeof name !== "string" || name === "" || scope.names("volumes").has(name),
  })),
  {
    at: "volumeDevices[].name",
    expected: "a volume of type persistentVolumeClaim or ephemeral",
    holds: (name, _, scope) =>
      typeof name !== "string" || name === "" || scope.once("devices", () => devicesOf(scope.value)).has(name),
  },
];

function devicesOf(spec: Mapping): ReadonlySet<string> {
  const devices = itemsIn(spec, "volumes").filter(
    (volume) => countOf(["persistentVolumeClaim", "ephemeral"], volume) > 0,
  );
  return new Set(devices.map((volume) => textIn(volume, "name")));
}

/** The resources of a pod as a whole. */
export const POD_RESOURCE_RULES: readonly Row[] = [
  ...["limits", "requests"].map((at) => ({
    at,
    expected: "cpu, memory and hugepages-SIZE",
    holds: allOf((name) => PLAIN_RESOURCES.includes(name) || isHugePages(name)),
  })),
  { ...REQUEST_RULE, at: "requests" },
];

/** The rules of all containers of a pod. */
export const CONTAINER_RULES = new RuleTable([
  { at: "name", expected: A_LABEL, holds: text(isDnsLabel) },
  {
    at: "image",
    expected: "the image of the container",
    advice: "set image: Kubernetes requires it",
    holds: (image) => (image ?? "") !== "",
  },
  {
    at: "restartPolicy",
    expected: "Always, Never or OnFailure",
    advice: "correct it, or remove it: the policy of the pod counts then",
    holds: anyText((policy) => RESTART_POLICIES.includes(policy)),
  },
  {
    at: "restartPolicy",
    expected: "Always, Never or OnFailure, because of restartPolicyRules",
    holds: (policy, owner) => policy !== undefined || itemsIn(owner, "restartPolicyRules").length === 0,
  },
  {
    at: "resizePolicy[].resourceName",
    expected: "cpu or memory",
    holds: (name) => PLAIN_RESOURCES.includes(asText(name)),
  },
  {
    at: "resizePolicy[].restartPolicy",
    expected: "NotRequired or RestartContainer",
    holds: (policy) => policy === "NotRequired" || policy === "RestartContainer",
  },
  ...PORT_RULES,
  ...ENV_RULES,
  ...MOUNT_RULES,
  ...RESOURCE_RULES,
  REQUEST_RULE,
  HUGE_PAGES_RULE,
  below("resources", WHOLE_RULES),
  ...SECURITY_RULES,
  ...probe("livenessProbe"),
  ...probe("readinessProbe"),
  ...probe("startupProbe"),
  oneSuccess("livenessProbe"),
  oneSuccess("startupProbe"),
  {
    at: "readinessProbe.terminationGracePeriodSeconds",
    expected: "nothing: a readiness probe ends no container",
    holds: (value) => value === undefined,
  },
  ...["postStart", "preStop"].flatMap((at) => [oneHandler(`lifecycle.${at}`), below(`lifecycle.${at}`, HANDLER_RULES)]),
]);
