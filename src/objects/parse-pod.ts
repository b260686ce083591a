// Parses Pods (core/v1) and the spec of pod templates: the fields for endpoint selection, pod names and resolv.conf.
// Pure; faults go to the sink of the field. Source: the Kubernetes API reference of Pod v1.
import type { Field } from "./field.ts";
import { isPortName } from "./kube-names.ts";
import { qualifiedKind } from "./kube-object.ts";
import type { EndpointPort, Labels, Owner, Pod, PodDnsConfig, PodSpec } from "./kube-object.ts";
import { parseHook, parseReadyAnnotation } from "./parse-annotations.ts";
import type { ObjectHead } from "./parse-common.ts";
import { frozen, PORT_MAX, parseAddress, parseHostname, parseProtocol } from "./parse-common.ts";

const DNS_POLICIES = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] as const;
const ENDING_POLICIES: readonly unknown[] = ["Never", "OnFailure"];
/** The labels of all objects without labels. */
export const NO_LABELS: Labels = new Map();

/** The Pod of the object `root`. */
export function parsePod(root: Field, head: ObjectHead): Pod {
  const metadata = root.get("metadata");
  const spec = root.get("spec");
  if (!spec.isMapping() && spec.isAbsent) spec.invalid("a mapping");
  const status = root.get("status");
  status.isMapping();
  const owner = parseOwner(metadata.get("ownerReferences"));
  const ips = parsePodIps(status);
  const phase = status.get("phase").text() ?? "";
  const isReadyByAnnotation = parseReadyAnnotation(metadata);
  const conditions = status.get("conditions");
  const isReadyByStatus = isReady(conditions);
  const isFromCluster = head.observed === true || phase !== "" || ips.length > 0;
  const inactive = isFromCluster ? undefined : parseHook(metadata, "Pod");
  return Object.freeze({
    kind: "Pod",
    ...head,
    labels: metadata.get("labels").textMap() ?? NO_LABELS,
    ips,
    phase,
    ready:
      isReadyByAnnotation &&
      metadata.get("deletionTimestamp").isAbsent &&
      (isReadyByStatus || (!isFromCluster && conditions.isAbsent)),
    ...parsePodSpec(spec),
    ...(owner === undefined ? {} : { owner }),
    ...(inactive === undefined ? {} : { inactive }),
  });
}

/** The spec of a pod or a template; the defaults if absent. */
export function parsePodSpec(spec: Field): PodSpec {
  const hostname = parseHostname(spec.get("hostname"));
  const subdomain = parseHostname(spec.get("subdomain"));
  const policy = spec.get("dnsPolicy");
  const dnsPolicy = policy.value === "" ? "ClusterFirst" : (policy.choice(DNS_POLICIES) ?? "ClusterFirst");
  const dnsConfig = parseDnsConfig(spec.get("dnsConfig"));
  if (dnsPolicy === "None" && (dnsConfig?.nameservers.length ?? 0) === 0) {
    spec.get("dnsConfig").get("nameservers").invalid("at least one nameserver, because dnsPolicy is None");
  }
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(subdomain === undefined ? {} : { subdomain }),
    namedPorts: parseNamedPorts(spec),
    hostNetwork: spec.get("hostNetwork").boolean() ?? false,
    dnsPolicy,
    ...(dnsConfig === undefined ? {} : { dnsConfig }),
    enableServiceLinks: spec.get("enableServiceLinks").boolean() ?? true,
    ...(ENDING_POLICIES.includes(spec.get("restartPolicy").value) ? { transient: true } : {}),
  };
}

/** The controller among `ownerReferences`, otherwise the first of them. */
export function parseOwner(field: Field): Owner | undefined {
  const references = field.items();
  const reference = references.find((item) => item.get("controller").value === true) ?? references[0];
  return reference && parseOwnerReference(reference);
}

/** A reference with `apiVersion`, `kind` and `name`. */
export function parseOwnerReference(reference: Field): Owner | undefined {
  const kind = reference.get("kind").text();
  const name = reference.get("name").text();
  if (kind === undefined || name === undefined) return undefined;
  const apiVersion = reference.get("apiVersion").value;
  return Object.freeze({ kind: typeof apiVersion === "string" ? qualifiedKind(kind, apiVersion) : kind, name });
}

function parsePodIps(status: Field): readonly string[] {
  const ips: string[] = [];
  for (const item of status.get("podIPs").items()) {
    const ip = parseAddress(item.get("ip"));
    if (ip !== undefined && !ips.includes(ip)) ips.push(ip);
  }
  const single = status.get("podIP");
  if (ips.length === 0 && !single.isAbsent && single.value !== "") {
    const ip = parseAddress(single);
    if (ip !== undefined) ips.push(ip);
  }
  return frozen(ips);
}

function isReady(conditions: Field): boolean {
  for (const item of conditions.items()) {
    if (item.get("type").value === "Ready")
      return item.get("status").text("True, False or Unknown, in quotes") === "True";
  }
  return false;
}

function parseNamedPorts(spec: Field): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  const sidecars = spec
    .get("initContainers")
    .items()
    .filter((container) => container.get("restartPolicy").value === "Always");
  for (const container of [...spec.get("containers").items(), ...sidecars]) {
    for (const item of container.get("ports").items()) {
      const portField = item.get("containerPort");
      const port = portField.isAbsent
        ? portField.invalid(`an integer from 1 to ${PORT_MAX}`)
        : portField.integer(1, PORT_MAX);
      const protocol = parseProtocol(item.get("protocol"));
      const nameField = item.get("name");
      if (nameField.isAbsent || nameField.value === "") continue;
      const name = nameField.text(
        "a port name (a-z, 0-9 and hyphens, with a letter, at most 15 characters)",
        isPortName,
      );
      if (name !== undefined && port !== undefined) ports.push(Object.freeze({ name, protocol, port }));
    }
  }
  return frozen(ports);
}

function parseDnsConfig(field: Field): PodDnsConfig | undefined {
  if (!field.isMapping()) return undefined;
  const nameservers: string[] = [];
  for (const item of field.get("nameservers").items()) {
    const address = parseAddress(item);
    if (address !== undefined) nameservers.push(address);
  }
  const searches: string[] = [];
  for (const item of field.get("searches").items()) {
    const domain = item.text("a search domain");
    if (domain !== undefined) searches.push(domain);
  }
  const options: { readonly name: string; readonly value?: string }[] = [];
  for (const item of field.get("options").items()) {
    const nameField = item.get("name");
    const name =
      nameField.isAbsent || nameField.value === "" ? nameField.invalid("the name of an option") : nameField.text();
    const value = item.get("value").text();
    if (name !== undefined) options.push(Object.freeze({ name, ...(value === undefined ? {} : { value }) }));
  }
  return Object.freeze({ nameservers: frozen(nameservers), searches: frozen(searches), options: frozen(options) });
}
