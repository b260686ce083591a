// Parses EndpointSlices (discovery.k8s.io/v1, v1beta1) and Endpoints (core/v1). Pure; faults go to the sink of the
// field. Source: the Kubernetes API reference of both kinds.
import { isIpv4 } from "../net/ip.ts";
import type { Field } from "./field.ts";
import type { Endpoint, Endpoints, EndpointSlice, IpFamily } from "./kube-object.ts";
import type { ObjectHead } from "./parse-common.ts";
import { frozen, parseAddress, parseEndpoint, parseEndpointPorts } from "./parse-common.ts";
import { parseOwner } from "./parse-pod.ts";

const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
const SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror";
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";
const CONTROLLERS: readonly string[] = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];
const TRIGGER_ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";
const ADDRESS_TYPES = ["IPv4", "IPv6", "FQDN"] as const;

/** The EndpointSlice of the object `root`; undefined if it is invalid or of addressType FQDN, with a problem. */
export function parseEndpointSlice(root: Field, head: ObjectHead): EndpointSlice | undefined {
  const typeField = root.get("addressType");
  const addressType = typeField.isAbsent ? typeField.invalid("IPv4 or IPv6") : typeField.choice(ADDRESS_TYPES);
  if (addressType === undefined) return undefined;
  if (addressType === "FQDN") {
    typeField.warn(
      "fqdn-slice",
      "slices of addressType FQDN have no addresses and are ignored",
      "use addressType IPv4 or IPv6, or a service of type ExternalName",
    );
    return undefined;
  }
  const labels = root.get("metadata").get("labels");
  const texts = labels.textMap();
  const serviceName = texts?.get(SERVICE_NAME_LABEL) ?? "";
  if (serviceName === "") {
    labels.warn("no-service-name", "the slice does not name its service", `add the label ${SERVICE_NAME_LABEL}`);
  }
  const endpoints = root
    .get("endpoints")
    .items()
    .map((item) => readPlainEndpoint(item.value, addressType) ?? parseSliceEndpoint(item, addressType));
  // The label says who made the slice; without it, traces of a cluster do.
  const manager = texts?.get(MANAGED_BY_LABEL);
  const isObserved = manager === undefined ? hasTraces(root, head, endpoints) : CONTROLLERS.includes(manager);
  const { observed: _, ...rest } = head;
  const triggeredAtMs = parseTriggerTime(root);
  return Object.freeze({
    kind: "EndpointSlice",
    ...rest,
    ...(isObserved ? { observed: true } : {}),
    serviceName,
    addressType,
    endpoints: frozen(endpoints),
    ports: parseEndpointPorts(root.get("ports")),
    ...(triggeredAtMs === undefined ? {} : { triggeredAtMs }),
  });
}

function parseSliceEndpoint(item: Field, addressType: IpFamily): Endpoint {
  const addresses: string[] = [];
  for (const field of item.get("addresses").items()) {
    const address = parseAddress(field, addressType);
    if (address !== undefined) addresses.push(address);
  }
  const conditions = item.get("conditions");
  const ready = !conditions.isMapping() || (conditions.get("ready").boolean() ?? true);
  return parseEndpoint(item, addresses, ready);
}

/**
 * What `parseSliceEndpoint` makes of an endpoint as controllers write it, several times as fast; undefined for any
 * other form. A cluster has hundreds of thousands of them.
 */
function readPlainEndpoint(value: unknown, addressType: IpFamily): Endpoint | undefined {
  if (addressType !== "IPv4" || !isRecord(value) || (value["hostname"] ?? "") !== "") return undefined;
  const { addresses, conditions = {}, targetRef } = value;
  if (!Array.isArray(addresses) || !addresses.every((text) => typeof text === "string" && isIpv4(text)))
    return undefined;
  if (!isRecord(conditions) || typeof (conditions["ready"] ?? true) !== "boolean") return undefined;
  const ready = conditions["ready"] !== false;
  if (targetRef === undefined) return Object.freeze({ addresses: frozen<string>(addresses), ready });
  if (!isRecord(targetRef) || targetRef["kind"] !== "Pod" || typeof targetRef["name"] !== "string") return undefined;
  return Object.freeze({ addresses: frozen<string>(addresses), ready, podName: targetRef["name"] });
}

/** Whether the value is an object as `JSON.parse` makes it. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A time that only metrics need: one that can't be read is no fault. */
function parseTriggerTime(root: Field): number | undefined {
  const text = root.get("metadata").get("annotations").get(TRIGGER_ANNOTATION).value;
  const ms = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The Endpoints of the object `root`. */
export function parseEndpoints(root: Field, head: ObjectHead): Endpoints {
  const subsets: Endpoints["subsets"][number][] = [];
  for (const item of root.get("subsets").items()) {
    const endpoints = [...parseSubsetAddresses(item, true), ...parseSubsetAddresses(item, false)];
    subsets.push(Object.freeze({ endpoints: frozen(endpoints), ports: parseEndpointPorts(item.get("ports")) }));
  }
  const metadata = root.get("metadata");
  const skipsMirroring =
    metadata.get("labels").get(SKIP_MIRROR_LABEL).value === "true" ||
    !metadata.get("annotations").get(LEADER_ANNOTATION).isAbsent;
  const endpoints = subsets.flatMap((subset) => subset.endpoints);
  return Object.freeze({
    kind: "Endpoints",
    ...head,
    ...(hasTraces(root, head, endpoints) ? { observed: true } : {}),
    ...(skipsMirroring ? { skipsMirroring: true } : {}),
    subsets: frozen(subsets),
  });
}

/** Whether a cluster held the object, its owner is a service, or its endpoints are pods that a controller selected. */
function hasTraces(root: Field, head: ObjectHead, endpoints: readonly Endpoint[]): boolean {
  return (
    head.observed === true ||
    parseOwner(root.get("metadata").get("ownerReferences"))?.kind === "Service" ||
    endpoints.some(({ podName }) => podName !== undefined)
  );
}

function parseSubsetAddresses(subset: Field, ready: boolean): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const item of subset.get(ready ? "addresses" : "notReadyAddresses").items()) {
    const address = parseAddress(item.get("ip"));
    if (address !== undefined) endpoints.push(parseEndpoint(item, [address], ready));
  }
  return endpoints;
}
