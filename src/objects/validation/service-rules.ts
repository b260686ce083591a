// What an API server requires of a Service. Names of ports and fields that must be there are checked with the schema.
// Pure. Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import { familyOf } from "../kube-object.ts";
import {
  A_LABEL,
  A_PORT,
  A_PORT_NAME,
  A_QUALIFIED_NAME,
  A_SUBDOMAIN,
  anyText,
  from,
  isAddress,
  isEndpointAddress,
  isLabel,
  isLabels,
  isPort,
  isPortOrName,
  isQualifiedName,
  LABELS,
} from "./forms.ts";
import { isDnsSubdomain } from "../kube-names.ts";
import { isPrefix } from "./prefix.ts";
import type { Row, Rule } from "./rules.ts";
import { below } from "./rules.ts";
import type { Mapping } from "../raw-values.ts";
import { asText, itemsIn, mappingIn, numberIn, textIn, valueIn } from "./values.ts";

const AFFINITY_SECONDS_MAX = 86_400;
const DISTRIBUTIONS = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";

const typeOf = (spec: Mapping): string => textIn(spec, "type") || "ClusterIP";
const isExternalName = (spec: Mapping): boolean => typeOf(spec) === "ExternalName";
const isLoadBalancer = (spec: Mapping): boolean => typeOf(spec) === "LoadBalancer";
const addressesOf = (spec: Mapping): readonly unknown[] => itemsIn(spec, "clusterIPs");
const isHeadless = (spec: Mapping): boolean => textIn(spec, "clusterIP") === "None";
const hasBothFamilies = (spec: Mapping): boolean =>
  new Set(itemsIn(spec, "ipFamilies")).size === 2 ||
  new Set(addressesOf(spec).map((address) => familyOf(asText(address)))).size === 2;

function isReachableFromOutside(spec: Mapping): boolean {
  const type = typeOf(spec);
  return (
    type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && itemsIn(spec, "externalIPs").length > 0)
  );
}

function isAlone(spec: Mapping): boolean {
  const policy = textIn(spec, "ipFamilyPolicy");
  // A headless service without a selector has both families by default.
  return policy === ""
    ? !isHeadless(spec) || Object.keys(mappingIn(spec, "selector")).length > 0
    : policy === "SingleStack";
}

const portKey = (field: string) => (item: unknown) => {
  const port = numberIn(item, field);
  return port === 0 ? undefined : `${port}/${textIn(item, "protocol") || "TCP"}`;
};

const PORT_RULES: readonly Rule[] = [
  {
    at: "ports",
    expected: "at least one port",
    advice: "add a port, or set clusterIP: None",
    holds: (_, spec) => itemsIn(spec, "ports").length > 0 || isHeadless(spec) || isExternalName(spec),
  },
  {
    at: "ports[].name",
    expected: "a name, because the service has several ports",
    advice: "name each port",
    holds: (name, _, { value }) => (name ?? "") !== "" || itemsIn(mappingIn(value, "spec"), "ports").length < 2,
  },
  { at: "ports[].name", expected: A_LABEL, holds: isLabel },
  {
    at: "ports[].name",
    expected: "a name that is unique among the ports of the service",
    distinct: (item) => textIn(item, "name") || undefined,
  },
  { at: "ports[].port", expected: A_PORT, holds: isPort },
  {
    at: "ports[].port",
    expected: "a port that is unique in the service for its protocol",
    distinct: portKey("port"),
  },
  {
    at: "ports[].targetPort",
    expected: "a port number, or the name of a container port",
    advice: "write the number without quotes",
    holds: (target) => typeof target !== "string" || !/^\d+$/.test(target),
  },
  {
    at: "ports[].targetPort",
    expected: `${A_PORT}, or ${A_PORT_NAME}`,
    // An empty or zero targetPort is the port.
    holds: (target) => target === undefined || target === "" || target === 0 || isPortOrName(target),
  },
  { at: "ports[].appProtocol", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  {
    at: "ports[].nodePort",
    expected: "no nodePort, because spec.type is ClusterIP",
    advice: "remove it, or set type: NodePort",
    holds: (port, _, { value }) => (port ?? 0) === 0 || typeOf(mappingIn(value, "spec")) !== "ClusterIP",
  },
  {
    at: "ports[].nodePort",
    expected: "a nodePort that is unique in the service for its protocol",
    distinct: portKey("nodePort"),
  },
];

const ADDRESS_RULES: readonly Rule[] = [
  {
    at: "clusterIP",
    expected: "no cluster IP for a service of type ExternalName",
    advice: "remove it, or change spec.type",
    holds: (value, spec) => (value ?? "") === "" || !isExternalName(spec),
  },
  {
    at: "clusterIP",
    expected: "an IP address, None or nothing",
    holds: (value, spec) =>
      (value ?? "") === "" || value === "None" || isAddress(asText(value)) || addressesOf(spec).length > 0,
  },
  {
    at: "clusterIP",
    expected: "a service that has addresses, because its type is NodePort or LoadBalancer",
    advice: "remove clusterIP: None, or remove the type",
    holds: (value, spec) => value !== "None" || !["NodePort", "LoadBalancer"].includes(typeOf(spec)),
  },
  {
    at: "clusterIP",
    expected: "an address of the first family in spec.ipFamilies",
    advice: "correct the address, or spec.ipFamilies",
    holds: (value, spec) => {
      const address = asText(value);
      const [family] = itemsIn(spec, "ipFamilies");
      const isJudgedBelow = addressesOf(spec).length > 0;
      return family === undefined || isJudgedBelow || !isAddress(address) || familyOf(address) === family;
    },
  },
  {
    at: "clusterIPs",
    expected: "the value of spec.clusterIP as its first value",
    advice: "set spec.clusterIP to the first of spec.clusterIPs, or remove one of the two fields",
    holds: (_, spec) =>
      addressesOf(spec).length === 0 || (addressesOf(spec)[0] ?? "") === (textIn(spec, "clusterIP") || undefined),
  },
  {
    at: "clusterIPs",
    expected: '"None" as the only value',
    holds: (_, spec) => addressesOf(spec).length < 2 || addressesOf(spec)[0] !== "None",
  },
  {
    at: "clusterIPs",
    expected: "at most one address per family",
    holds: (_, spec) => {
      const families = addressesOf(spec).map((address) => familyOf(asText(address)));
      return new Set(families).size === families.length;
    },
  },
  {
    at: "clusterIPs[]",
    expected: "an IP address",
    holds: (address) => address === "None" || isAddress(asText(address)),
  },
  {
    at: "clusterIPs",
    expected: "addresses of the families in spec.ipFamilies, in their order",
    holds: (_, spec) => {
      const families = itemsIn(spec, "ipFamilies");
      if (isHeadless(spec)) return true;
      return addressesOf(spec).every((address, i) => i >= families.length || families[i] === familyOf(asText(address)));
    },
  },
  {
    at: "ipFamilies",
    expected: "no families for a service of type ExternalName",
    holds: (_, spec) => itemsIn(spec, "ipFamilies").length === 0 || !isExternalName(spec),
  },
  {
    at: "ipFamilies[]",
    expected: "IPv4 or IPv6",
    holds: (family) => family === "IPv4" || family === "IPv6",
  },
  {
    at: "ipFamilies[]",
    expected: "each family at most once",
    distinct: (family) => (typeof family === "string" ? family : undefined),
  },
  {
    at: "ipFamilyPolicy",
    expected: "no policy for a service of type ExternalName",
    holds: (policy, spec) => policy === undefined || !isExternalName(spec),
  },
  {
    at: "ipFamilyPolicy",
    expected: "PreferDualStack or RequireDualStack, because the service has two families",
    holds: (_, spec) => isExternalName(spec) || !isAlone(spec) || !hasBothFamilies(spec),
  },
  {
    at: "ipFamilyPolicy",
    expected: "SingleStack, PreferDualStack or RequireDualStack",
    holds: (policy) => policy !== "",
  },
  {
    at: "externalIPs[]",
    expected: "an IP address that is not of this host and not link-local",
    holds: (address) => isAddress(asText(address)) && isEndpointAddress(asText(address)),
  },
];

const OTHER_RULES: readonly Rule[] = [
  { at: "selector", expected: LABELS, holds: isLabels },
  {
    at: "externalName",
    expected: "the host name of the target",
    holds: (value, spec) => (value ?? "") !== "" || !isExternalName(spec),
  },
  {
    at: "externalName",
    expected: `${A_SUBDOMAIN}; a final dot is allowed`,
    holds: (value, spec) =>
      typeof value !== "string" || value === "" || !isExternalName(spec) || isDnsSubdomain(value.replace(/\.$/, "")),
  },
  {
    at: "sessionAffinityConfig.clientIP.timeoutSeconds",
    expected: `an integer from 1 to ${AFFINITY_SECONDS_MAX}`,
    holds: (value, _, { value: service }) =>
      textIn(mappingIn(service, "spec"), "sessionAffinity") !== "ClientIP" || from(1, AFFINITY_SECONDS_MAX)(value),
  },
  {
    at: "externalTrafficPolicy",
    expected: "a service that is reachable from outside: type NodePort or LoadBalancer, or with externalIPs",
    advice: "remove it, or change spec.type",
    holds: (value, spec) => (value ?? "") === "" || isReachableFromOutside(spec),
  },
  {
    at: "healthCheckNodePort",
    expected: "type LoadBalancer with externalTrafficPolicy: Local",
    advice: "remove it",
    holds: (value, spec) =>
      (value ?? 0) === 0 || (isLoadBalancer(spec) && textIn(spec, "externalTrafficPolicy") === "Local"),
  },
  { at: "healthCheckNodePort", expected: A_PORT, holds: from(0, 65_535) },
  { at: "internalTrafficPolicy", expected: "Cluster or Local", holds: (value) => value !== "" },
  {
    at: "trafficDistribution",
    expected: `one of ${DISTRIBUTIONS.join(", ")}`,
    holds: (value) => value === undefined || DISTRIBUTIONS.includes(asText(value)),
  },
  ...["allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"].map((at) => ({
    at,
    expected: "type LoadBalancer",
    advice: "remove it, or set type: LoadBalancer",
    holds: (value: unknown, spec: Mapping) =>
      value === undefined || (Array.isArray(value) && value.length === 0) || isLoadBalancer(spec),
  })),
  { at: "loadBalancerClass", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
  {
    at: "loadBalancerSourceRanges[]",
    expected: "a prefix, such as 192.0.2.0/24",
    holds: (range) => isPrefix(asText(range).trim()),
  },
];

const ANNOTATION_RULES: readonly Rule[] = [
  {
    at: "metadata.annotations",
    expected: `type LoadBalancer, because of ${SOURCE_RANGES}`,
    advice: "remove the annotation, or set type: LoadBalancer",
    holds: (annotations, _, { value }) => {
      const spec = mappingIn(value, "spec");
      return (
        valueIn(annotations, SOURCE_RANGES) === undefined ||
        itemsIn(spec, "loadBalancerSourceRanges").length > 0 ||
        isLoadBalancer(spec)
      );
    },
  },
];

export const SERVICE_RULES: readonly Row[] = [
  ...ANNOTATION_RULES,
  below("spec", [...PORT_RULES, ...ADDRESS_RULES, ...OTHER_RULES]),
];
