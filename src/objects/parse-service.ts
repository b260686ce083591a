// Reads Services (core/v1) with the defaults of the API server. validation/ has refused what an API server refuses;
// the checks here are for objects of a live cluster, and of what it has no rule for. Pure.
// Source: the API reference of Service v1.
import { parseIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import type { IpFamily, Service, ServicePort } from "./kube-object.ts";
import { parseAddressesAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { frozen, IP_FAMILIES, PORT_MAX, EMPTY, parseAddress, parseProtocol } from "./parse-common.ts";

const TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;
/** The longest label of a DNS name (RFC 1035 section 2.3.4). */
const LABEL_MAX = 63;
const POLICIES = ["SingleStack", "PreferDualStack", "RequireDualStack"] as const;

/** The Service of the object `root`. */
export function parseService(root: Field, head: ObjectHead): Service {
  const spec = root.get("spec");
  const typeField = spec.get("type");
  const type = typeField.value === "" ? "ClusterIP" : (typeField.choice(TYPES) ?? "ClusterIP");
  const isExternal = type === "ExternalName";
  const { headless, clusterIPs } = parseClusterIps(spec, isExternal);
  const ports = parseServicePorts(spec.get("ports"));
  const externalName = isExternal ? parseExternalName(spec.get("externalName")) : undefined;
  const selector = spec.get("selector").textMap();
  const ipFamilyPolicy = spec.get("ipFamilyPolicy").choice(POLICIES);
  const addresses = parseAddressesAnnotation(root.get("metadata"));
  if (isExternal && addresses !== undefined) {
    root
      .get("metadata")
      .get("annotations")
      .warn(
        "addresses-ignored",
        "the annotation is ignored: a service of type ExternalName has no addresses",
        "remove the annotation, or change spec.type",
      );
  }
  return Object.freeze({
    kind: "Service",
    ...head,
    type,
    headless,
    clusterIPs,
    ipFamilies: parseIpFamilies(spec.get("ipFamilies")),
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    ports,
    ...(selector === undefined ? {} : { selector }),
    ...(externalName === undefined ? {} : { externalName }),
    ...(addresses === undefined || isExternal ? {} : { addresses }),
    publishNotReadyAddresses: spec.get("publishNotReadyAddresses").boolean() ?? false,
  });
}

function parseClusterIps(spec: Field, isExternal: boolean): { headless: boolean; clusterIPs: readonly string[] } {
  const single = spec.get("clusterIP");
  const given = spec.get("clusterIPs").items();
  const fields = given.length > 0 ? given : single.isAbsent || single.value === "" ? [] : [single];
  if (fields[0]?.value === "None") return { headless: !isExternal, clusterIPs: EMPTY };
  if (isExternal) return { headless: false, clusterIPs: EMPTY };
  const addresses: string[] = [];
  for (const field of fields) {
    const address = parseAddress(field);
    if (address !== undefined) addresses.push(address);
  }
  return { headless: false, clusterIPs: frozen(addresses) };
}

function parseIpFamilies(field: Field): readonly IpFamily[] {
  const families: IpFamily[] = [];
  for (const item of field.items()) {
    const family = item.choice(IP_FAMILIES);
    if (family !== undefined) families.push(family);
  }
  return frozen(families);
}

function parseServicePorts(field: Field): readonly ServicePort[] {
  const ports: ServicePort[] = [];
  for (const item of field.items()) {
    const port = item.get("port").integer(1, PORT_MAX);
    if (port === undefined) continue;
    const name = item.get("name").text() ?? "";
    const protocol = parseProtocol(item.get("protocol"));
    ports.push(Object.freeze({ name, protocol, port, targetPort: parseTargetPort(item.get("targetPort")) ?? port }));
  }
  return frozen(ports);
}

// An empty or zero targetPort is the port.
function parseTargetPort(field: Field): number | string | undefined {
  const { value } = field;
  return value === "" || value === 0 || (typeof value !== "string" && typeof value !== "number") ? undefined : value;
}

function parseExternalName(field: Field): string | undefined {
  const text = field.text()?.replace(/\.$/, "");
  if (text === undefined) return undefined;
  if (parseIp(text) !== undefined) {
    field.warn(
      "external-name-ip",
      `externalName is the IP address ${text}, which a CNAME can't point to: the service has no DNS record`,
      "use a service without a selector, and an EndpointSlice with the address",
    );
  } else if (text.split(".").some((label) => label.length > LABEL_MAX)) {
    field.warn(
      "name-too-long",
      `a label of externalName has more than ${LABEL_MAX} characters, so the service has no DNS record`,
      "use a shorter name",
    );
  }
  return text;
}
