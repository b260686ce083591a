// What an API server requires of an Endpoints object and of an EndpointSlice. Pure.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
import { familyOf } from "../kube-object.ts";
import { isDnsLabel, isDnsSubdomain } from "../kube-names.ts";
import { canonicalIp, plainIp, withoutLeadingZeros } from "../../net/ip.ts";
import {
  A_LABEL,
  A_PORT,
  A_QUALIFIED_NAME,
  A_SUBDOMAIN,
  anyText,
  from,
  isAddress,
  isEndpointAddress,
  isLabel,
  isLabels,
  isLabelValue,
  isQualifiedName,
  LABELS,
} from "./forms.ts";
import type { Row, Rule } from "./rules.ts";
import { below, RuleTable } from "./rules.ts";
import { asText, itemsIn, textIn } from "./values.ts";

const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const HINTS_MAX = 8;
const TOPOLOGY_MAX = 16;

const ADDRESS_OF_A_HOST =
  "an address of a host that others reach: none that is unspecified, loopback, link-local or multicast on the link";

const atMost =
  (max: number) =>
  (value: unknown): boolean =>
    !Array.isArray(value) || value.length <= max;

const SUBSET_ADDRESS_RULES = new RuleTable([
  { at: "ip", expected: "an IP address", holds: anyText(isAddress) },
  { at: "ip", expected: ADDRESS_OF_A_HOST, holds: anyText(isEndpointAddress) },
  { at: "hostname", expected: A_LABEL, holds: isLabel },
  { at: "nodeName", expected: A_SUBDOMAIN, holds: anyText(isDnsSubdomain) },
]);

export const ENDPOINTS_RULES: readonly Row[] = [
  {
    at: "subsets[]",
    expected: "addresses or notReadyAddresses",
    advice: "add an address, or remove the subset",
    holds: (subset) => itemsIn(subset, "addresses").length + itemsIn(subset, "notReadyAddresses").length > 0,
  },
  below("subsets[].addresses[]", SUBSET_ADDRESS_RULES),
  below("subsets[].notReadyAddresses[]", SUBSET_ADDRESS_RULES),
  {
    at: "subsets[].ports",
    expected: "a name for each port, because the subset has several",
    holds: (ports) =>
      !Array.isArray(ports) || ports.length < 2 || ports.every((port: unknown) => textIn(port, "name") !== ""),
  },
  { at: "subsets[].ports[].name", expected: A_LABEL, holds: isLabel },
  { at: "subsets[].ports[].port", expected: A_PORT, holds: from(1, 65_535) },
  { at: "subsets[].ports[].appProtocol", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
];

const ENDPOINT_RULES: readonly Rule[] = [
  { at: "addresses", expected: "at least one address", holds: (value) => !Array.isArray(value) || value.length > 0 },
  { at: "addresses", expected: `at most ${ADDRESSES_MAX} addresses`, holds: atMost(ADDRESSES_MAX) },
  {
    at: "addresses[]",
    expected: "an address of the slice's addressType",
    holds: (value, _, { value: slice }) => isOfType(asText(value), textIn(slice, "addressType")),
  },
  {
    at: "addresses[]",
    expected: "an IPv6 address in the short form of RFC 5952, such as fd00::a",
    advice: "write it in lower case, with :: for the longest run of zeros",
    holds: (value, _, { value: slice }) =>
      textIn(slice, "addressType") !== "IPv6" || canonicalIp(asText(value)) === value,
  },
  {
    at: "addresses[]",
    expected: ADDRESS_OF_A_HOST,
    holds: (value, _, { value: slice }) => textIn(slice, "addressType") === "FQDN" || isEndpointAddress(asText(value)),
  },
  { at: "hostname", expected: A_LABEL, holds: anyText(isDnsLabel) },
  { at: "nodeName", expected: A_SUBDOMAIN, holds: anyText(isDnsSubdomain) },
  { at: "deprecatedTopology", expected: LABELS, holds: isLabels },
  {
    at: "deprecatedTopology",
    expected: `at most ${TOPOLOGY_MAX} keys`,
    holds: (value) => Object.keys(value ?? {}).length <= TOPOLOGY_MAX,
  },
  { at: "hints.forZones", expected: `at most ${HINTS_MAX} zones`, holds: atMost(HINTS_MAX) },
  { at: "hints.forZones[].name", expected: LABELS, holds: anyText(isLabelValue) },
  { at: "hints.forZones[].name", expected: "each zone once", distinct: (item) => textIn(item, "name") },
  { at: "hints.forNodes", expected: `at most ${HINTS_MAX} nodes`, holds: atMost(HINTS_MAX) },
  { at: "hints.forNodes[].name", expected: A_SUBDOMAIN, holds: anyText(isDnsSubdomain) },
  { at: "hints.forNodes[].name", expected: "each node once", distinct: (item) => textIn(item, "name") },
];

function isOfType(address: string, type: string): boolean {
  // An IPv4 address may be written as a mapped one of IPv6, but an IPv6 address may not be one.
  const plain = plainIp(withoutLeadingZeros(address));
  if (type === "IPv4") return plain !== undefined && familyOf(plain) === "IPv4";
  if (type === "IPv6") return plain !== undefined && familyOf(plain) === "IPv6";
  return type !== "FQDN" || isFullName(address);
}

function isFullName(name: string): boolean {
  const labels = name.replace(/\.$/, "");
  return labels.includes(".") && isDnsSubdomain(labels) && labels.split(".").every(isDnsLabel);
}

export const ENDPOINT_SLICE_RULES: readonly Row[] = [
  { at: "endpoints", expected: `at most ${ENDPOINTS_MAX} endpoints`, holds: atMost(ENDPOINTS_MAX) },
  below("endpoints[]", ENDPOINT_RULES),
  { at: "ports", expected: `at most ${PORTS_MAX} ports`, holds: atMost(PORTS_MAX) },
  { at: "ports[].name", expected: A_LABEL, holds: isLabel },
  {
    at: "ports[].name",
    expected: "a name that is unique among the ports of the slice",
    distinct: (item) => textIn(item, "name"),
  },
  { at: "ports[].protocol", expected: "TCP, UDP or SCTP", holds: (protocol) => protocol !== "" },
  { at: "ports[].appProtocol", expected: A_QUALIFIED_NAME, holds: anyText(isQualifiedName) },
];
