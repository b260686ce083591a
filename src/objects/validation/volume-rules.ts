// What an API server requires of the volumes of a pod. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/
import { isDnsLabel, isDnsSubdomain } from "../kube-names.ts";
import { countOf, isPathWithin } from "./container-rules.ts";
import { A_LABEL, A_SUBDOMAIN, from, isSubdomain, text } from "./forms.ts";
import type { Row, Rule } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import { SELECTOR_RULES } from "./selector-rules.ts";
import { quantityOf } from "../schema/scalar-text.ts";
import { isMapping } from "../raw-values.ts";
import { mappingIn, textIn, valueIn } from "./values.ts";

const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const DRIVER_CHARACTERS_MAX = 63;
const MODE_MAX = 0o777;
const A_MODE = "a file mode from 0 to 0777 (511 in decimal)";
const HOST_PATH_TYPES = "DirectoryOrCreate Directory FileOrCreate File Socket CharDevice BlockDevice".split(" ");
const PROJECTIONS = [
  "secret",
  "configMap",
  "downwardAPI",
  "serviceAccountToken",
  "clusterTrustBundle",
  "podCertificate",
];

const FIELD_PATH = /^metadata\.(?:name|namespace|uid|labels|annotations|labels\['[^']+'\]|annotations\['[^']+'\])$/;

const required = (at: string, what: string): Rule => ({
  at,
  expected: what,
  holds: (value) => (value ?? "") !== "",
});

const itemRules = (at: string): readonly Rule[] => [
  { at: `${at}.items[].path`, expected: "a path within the volume, without ..", holds: isPathWithin },
  { at: `${at}.items[].mode`, expected: A_MODE, holds: from(0, MODE_MAX) },
];

const hasOneSource = (at: string): Rule => ({
  at: `${at}.items[]`,
  expected: "either fieldRef or resourceFieldRef",
  holds: (item) => countOf(["fieldRef", "resourceFieldRef"], item) === 1,
});

const fieldPath = (at: string): Rule => ({
  at: `${at}.items[].fieldRef.fieldPath`,
  expected: "a field that files can have, such as metadata.name or metadata.labels",
  holds: text((path) => FIELD_PATH.test(path)),
});

/** The spec of a claim, in a StatefulSet or in a volume. */
export const CLAIM_RULES = new RuleTable([
  {
    at: "accessModes",
    expected: "at least one access mode",
    holds: (modes) => Array.isArray(modes) && modes.length > 0 && modes.every((mode) => (mode ?? "") !== ""),
  },
  { at: "storageClassName", expected: A_SUBDOMAIN, holds: isSubdomain },
  {
    at: "resources",
    expected: "requests with an amount of storage",
    holds: (resources) => quantityOf(valueIn(mappingIn(resources, "requests"), "storage")) > 0,
  },
  below("selector", SELECTOR_RULES),
]);

const PROJECTED = "volumes[].projected.sources[]";

export const VOLUME_RULES: readonly Row[] = [
  { at: "volumes[].name", expected: A_LABEL, holds: text(isDnsLabel) },
  {
    at: "volumes[].name",
    expected: "a name that is unique among the volumes of the pod",
    distinct: (item) => textIn(item, "name") || undefined,
  },
  {
    at: "volumes[]",
    expected: "one kind of volume",
    holds: (volume) =>
      !isMapping(volume) ||
      countOf(
        Object.keys(volume).filter((key) => key !== "name"),
        volume,
      ) <= 1,
  },
  ...["configMap", "secret", "projected", "downwardAPI"].map((kind) => ({
    at: `volumes[].${kind}.defaultMode`,
    expected: A_MODE,
    holds: from(0, MODE_MAX),
  })),
  ...["configMap", "secret", "downwardAPI"].flatMap((kind) => itemRules(`volumes[].${kind}`)),
  {
    at: "volumes[].emptyDir.sizeLimit",
    expected: "an amount of at least 0",
    holds: (limit) => limit === undefined || quantityOf(limit) >= 0,
  },
  {
    at: `${PROJECTED}.serviceAccountToken.path`,
    expected: "a path within the volume, without ..",
    holds: isPathWithin,
  },
  {
    at: `${PROJECTED}.serviceAccountToken.expirationSeconds`,
    expected: `an integer from ${TOKEN_SECONDS_MIN} to ${TOKEN_SECONDS_MAX}`,
    holds: from(TOKEN_SECONDS_MIN, TOKEN_SECONDS_MAX),
  },
  ...itemRules(`${PROJECTED}.configMap`),
  ...itemRules(`${PROJECTED}.secret`),
  ...itemRules(`${PROJECTED}.downwardAPI`),
  required("volumes[].configMap.name", "the name of a ConfigMap"),
  required("volumes[].secret.secretName", "the name of a Secret"),
  required(`${PROJECTED}.configMap.name`, "the name of a ConfigMap"),
  required(`${PROJECTED}.secret.name`, "the name of a Secret"),
  ...["volumes[].downwardAPI", `${PROJECTED}.downwardAPI`].flatMap((at) => [hasOneSource(at), fieldPath(at)]),
  required("volumes[].ephemeral.volumeClaimTemplate", "a template with a spec"),
  below("volumes[].ephemeral.volumeClaimTemplate.spec", CLAIM_RULES),
  {
    at: "volumes[].hostPath.type",
    expected: `one of ${HOST_PATH_TYPES.join(", ")}`,
    holds: text((type) => HOST_PATH_TYPES.includes(type)),
  },
  {
    at: "volumes[].hostPath.path",
    expected: "a path without ..",
    holds: text((path) => !path.split("/").includes("..")),
  },
  { at: "volumes[].nfs.path", expected: "a path that begins with /", holds: text((path) => path.startsWith("/")) },
  {
    at: "volumes[].csi.driver",
    expected: A_SUBDOMAIN,
    holds: text((name) => name.length <= DRIVER_CHARACTERS_MAX && isDnsSubdomain(name.toLowerCase())),
  },
  {
    at: "volumes[].projected.sources[]",
    expected: `one of ${PROJECTIONS.join(", ")}`,
    holds: (source) => countOf(PROJECTIONS, source) <= 1,
  },
];
