// Parses Services (core/v1) with the defaults and checks of the API server. Pure; faults go to the sink of the field.
// Sources: the API reference of Service v1; its validation rules of cluster IPs, ports and external names.
import { familyOf } from "./kube-object.ts";
import { parseIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import { isDnsLabel, isHostName, isPortName } from "./kube-names.ts";
import type { IpFamily, Service, ServicePort } from "./kube-object.ts";
import { parseAddressesAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { frozen, IP_FAMILIES, PORT_MAX, EMPTY, parseAddress, parseProtocol } from "./parse-common.ts";

const TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;
const POLICIES = ["SingleStack", "PreferDualStack", "RequireDualStack"] as const;

/** The Service of the object `root`. */
export function parseService(root: Field, head: ObjectHead): Service {
  const spec = root.get("spec");
  if (!spec.isMapping() && spec.isAbsent) spec.invalid("a mapping");
  const type = spec.get("type").choice(TYPES) ?? "ClusterIP";
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
  const list = spec.get("clusterIPs");
  const given = list.items().filter((item) => item.value !== "");
  const fields = given.length > 0 ? given : single.isAbsent || single.value === "" ? [] : [single];
  const headless = fields[0]?.value === "None";
  if (headless) {
    if (fields.length > 1) list.invalid('"None" as the only value');
    if (!single.isAbsent && single.value !== "" && single.value !== "None")
      single.invalid("None, like spec.clusterIPs");
    return { headless: !isExternal, clusterIPs: EMPTY };
  }
  if (isExternal && fields[0] !== undefined) {
    fields[0].invalid("no cluster IP for a service of type ExternalName", "remove it, or change spec.type");
    return { headless: false, clusterIPs: EMPTY };
  }
  const addresses: string[] = [];
  for (const field of fields) {
    const address = parseAddress(field);
    if (address !== undefined) addresses.push(address);
  }
  const [first, second] = addresses;
  if (fields.length > 2 || (first !== undefined && second !== undefined && familyOf(first) === familyOf(second))) {
    list.invalid("at most one address per family");
  }
  if (given.length > 0 && !single.isAbsent && single.value !== "" && parseAddress(single) !== first) {
    single.invalid("the first address of spec.clusterIPs");
  }
  return { headless: false, clusterIPs: frozen(addresses) };
}

function parseIpFamilies(field: Field): readonly IpFamily[] {
  const families: IpFamily[] = [];
  for (const item of field.items()) {
    const family = item.isAbsent ? item.invalid("IPv4 or IPv6") : item.choice(IP_FAMILIES);
    if (family === undefined) continue;
    if (families.includes(family)) item.invalid("each family at most once");
    else families.push(family);
  }
  return frozen(families);
}

function parseServicePorts(field: Field): readonly ServicePort[] {
  const items = field.items();
  const ports: ServicePort[] = [];
  for (const item of items) {
    if (!item.isMapping()) {
      if (item.isAbsent) item.invalid("a mapping");
      continue;
    }
    const port = parseServicePort(item, items.length > 1);
    if (port === undefined) continue;
    if (port.name !== "" && ports.some((other) => other.name === port.name)) {
      item.get("name").invalid("a name that is unique among the ports of the service");
    }
    if (ports.some((other) => other.port === port.port && other.protocol === port.protocol)) {
      item.get("port").invalid("a port that is unique in the service for its protocol");
    }
    ports.push(port);
  }
  return frozen(ports);
}

function parseServicePort(item: Field, mustHaveName: boolean): ServicePort | undefined {
  const nameField = item.get("name");
  const isUnnamed = nameField.isAbsent || nameField.value === "";
  if (isUnnamed && mustHaveName) nameField.invalid("a name, because the service has several ports", "name each port");
  const name = isUnnamed
    ? ""
    : nameField.text("a DNS label (a-z, 0-9 and inner hyphens, at most 63 characters)", isDnsLabel);
  const protocol = parseProtocol(item.get("protocol"));
  const portField = item.get("port");
  const port = portField.isAbsent
    ? portField.invalid(`an integer from 1 to ${PORT_MAX}`)
    : portField.integer(1, PORT_MAX);
  if (name === undefined || port === undefined) return undefined;
  return Object.freeze({ name, protocol, port, targetPort: parseTargetPort(item.get("targetPort")) ?? port });
}

function parseTargetPort(field: Field): number | string | undefined {
  // For the API server, an empty or zero targetPort is the port.
  if (field.value === "" || field.value === 0) return undefined;
  if (typeof field.value !== "string") return field.integer(1, PORT_MAX);
  const isQuotedNumber = /^\d+$/.test(field.value);
  if (isPortName(field.value)) return field.value;
  return field.invalid(
    "a port number or the name of a container port",
    isQuotedNumber ? `write the number without quotes: ${field.value}` : undefined,
  );
}

function parseExternalName(field: Field): string | undefined {
  if (field.isAbsent || field.value === "") return field.invalid("the host name of the target");
  const text = field.text("a host name")?.replace(/\.$/, "");
  if (text === undefined) return undefined;
  if (parseIp(text) !== undefined) {
    field.warn(
      "external-name-ip",
      `externalName is the IP address ${text}, which a CNAME can't point to: the service has no DNS record`,
      "use a service without a selector, and an EndpointSlice with the address",
    );
    return text;
  }
  return isHostName(text) ? text : field.invalid("a host name");
}
