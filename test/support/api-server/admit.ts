// What the API server adds to objects that clients send: the defaults of a Service and its cluster IP, and the fields of a
// new Namespace. Kubernetes documents, "Service" and the reference of its API.
import { ApiFailure } from "./api-failure.ts";
import type { KubernetesObject } from "./resources.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The range of services, and the first address in it that is given out: those before it are for those who name one. */
const SERVICE_PREFIX = "10.96";
const FIRST_OFFSET = 0x100;
const OFFSET_MAX = 0xfffe;

/** `object` with its defaults; `before` is what it replaces, and `taken` tells the cluster IPs of other services. */
export function admit(
  object: KubernetesObject,
  before: KubernetesObject | undefined,
  taken: () => ReadonlySet<string>,
): KubernetesObject {
  if (object.kind === "Service") return admitService(object, before, taken);
  if (object.kind !== "Namespace") return object;
  const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name };
  const metadata = { ...object.metadata, labels };
  return { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" }, ...object, metadata };
}

function admitService(
  object: KubernetesObject,
  before: KubernetesObject | undefined,
  taken: () => ReadonlySet<string>,
): KubernetesObject {
  const given = (object["spec"] ?? {}) as Fields;
  const type = given["type"] ?? "ClusterIP";
  const ports = ((given["ports"] ?? []) as readonly Fields[]).map((port) => ({
    protocol: "TCP",
    targetPort: port["port"],
    ...port,
  }));
  const spec = {
    sessionAffinity: "None",
    ...(type !== "ExternalName" && { internalTrafficPolicy: "Cluster" }),
    ...given,
    type,
    ...(ports.length > 0 && { ports }),
    ...(type !== "ExternalName" && addressesOf(given, before?.["spec"] as Fields | undefined, taken)),
  };
  return { status: { loadBalancer: {} }, ...object, spec };
}

function addressesOf(given: Fields, before: Fields | undefined, taken: () => ReadonlySet<string>): Fields {
  const named = (given["clusterIP"] || before?.["clusterIP"]) as string | undefined;
  if (named !== undefined && named !== "None" && taken().has(named)) {
    const message = `spec.clusterIPs: Invalid value: ["${named}"]: failed to allocate IP ${named}`;
    throw new ApiFailure(422, "Invalid", `${message}: provided IP is already allocated`);
  }
  const clusterIP = named ?? allocate(taken());
  const families = { ipFamilies: [clusterIP.includes(":") ? "IPv6" : "IPv4"], ipFamilyPolicy: "SingleStack" };
  return { clusterIPs: [clusterIP], ...families, ...definedOf(given), clusterIP };
}

/** What a client says itself of its addresses. */
function definedOf(given: Fields): Fields {
  const fields = ["clusterIPs", "ipFamilies", "ipFamilyPolicy"].filter((field) => given[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, given[field]]));
}

function allocate(taken: ReadonlySet<string>): string {
  for (let offset = FIRST_OFFSET; offset <= OFFSET_MAX; offset++) {
    const address = `${SERVICE_PREFIX}.${offset >> 8}.${offset & 0xff}`;
    if (!taken.has(address)) return address;
  }
  throw new ApiFailure(500, "InternalError", "failed to allocate a serviceIP: range is full");
}
