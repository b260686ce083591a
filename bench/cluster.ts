// The cluster that is measured: N services of M endpoints, a fourth of them headless, and questions about it. The same
// numbers give the same cluster and the same questions on every machine. Pure: no files, no randomness.
// Shapes are those of the Kubernetes API: core/v1 and discovery.k8s.io/v1.

/** How large a cluster is. */
export interface ClusterSize {
  readonly services: number;
  /** Of each service. */
  readonly endpoints: number;
}

/** One service; `clusterIp` is absent for headless ones. */
export interface ModelService {
  readonly namespace: string;
  readonly name: string;
  readonly clusterIp?: string;
  readonly endpoints: readonly string[];
}

/** A Kubernetes object as an API server or a manifest has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly [field: string]: unknown;
}

/** One question, its name with a final dot. */
export interface Question {
  readonly name: string;
  readonly type: "A" | "AAAA" | "SRV";
}

export const CLUSTER_DOMAIN = "cluster.local";
/** Where endpoints' addresses come from: room for four million, beside the service range. */
export const POD_CIDR = "10.128.0.0/10";
export const SERVICE_PORT = 80;
export const TARGET_PORT = 8080;
export const PORT_NAME = "http";

const NAMESPACES = 20;
/** As a cluster's own controller cuts them. */
const ENDPOINTS_PER_SLICE = 100;
const FIRST_CLUSTER_IP = (10 << 24) | (96 << 16) | 256;
const FIRST_ENDPOINT_IP = (10 << 24) | (128 << 16) | 256;
/** Of a hundred questions. The rest ask for names that are not there. */
const SHARES = { A: 60, SRV: 10, AAAA: 15 } as const;

/** The services of a cluster of that size. */
export function makeServices(size: ClusterSize): readonly ModelService[] {
  return Array.from({ length: size.services }, (_, i) => ({
    namespace: `team-${String(i % NAMESPACES).padStart(2, "0")}`,
    name: `service-${String(i).padStart(5, "0")}`,
    ...(i % 4 !== 3 && { clusterIp: formatIpv4(FIRST_CLUSTER_IP + i) }),
    endpoints: Array.from({ length: size.endpoints }, (__, j) =>
      formatIpv4(FIRST_ENDPOINT_IP + i * size.endpoints + j),
    ),
  }));
}

/** `S.N.svc.Z.` */
export function serviceName({ namespace, name }: ModelService): string {
  return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}.`;
}

/** `E`, the endpoint's label below its service. */
export function endpointLabel(address: string): string {
  return address.replaceAll(".", "-");
}

/** The Namespace objects of the services. */
export function namespaceObjects(services: readonly ModelService[]): readonly KubernetesObject[] {
  const names = new Set(services.map(({ namespace }) => namespace));
  return [...names].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
}

/** The Service object of a service. */
export function serviceObject({ namespace, name, clusterIp }: ModelService): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      type: "ClusterIP",
      clusterIP: clusterIp ?? "None",
      clusterIPs: [clusterIp ?? "None"],
      ipFamilies: ["IPv4"],
      ports: [{ name: PORT_NAME, protocol: "TCP", port: SERVICE_PORT, targetPort: TARGET_PORT }],
    },
  };
}

/** The EndpointSlice objects of a service. */
export function sliceObjects({ namespace, name, endpoints }: ModelService): readonly KubernetesObject[] {
  const slices: KubernetesObject[] = [];
  for (let at = 0; at < endpoints.length; at += ENDPOINTS_PER_SLICE) {
    slices.push({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${slices.length}`,
        namespace,
        labels: { app: name, "kubernetes.io/service-name": name },
      },
      addressType: "IPv4",
      ports: [{ name: PORT_NAME, protocol: "TCP", port: TARGET_PORT }],
      endpoints: endpoints.slice(at, at + ENDPOINTS_PER_SLICE).map((address, i) => ({
        addresses: [address],
        conditions: { ready: true },
        nodeName: `node-${(at + i) % 50}`,
        targetRef: { kind: "Pod", name: `${name}-${at + i}`, namespace },
      })),
    });
  }
  return slices;
}

/** So many questions: 60 % A, 10 % SRV, 15 % AAAA (nothing of that type), 15 % names that are not there. */
export function makeQuestions(services: readonly ModelService[], count: number): readonly Question[] {
  const random = newRandom();
  return Array.from({ length: count }, (_, i): Question => {
    const service = services[random() % services.length]!;
    const name = serviceName(service);
    const kind = random() % 100;
    if (kind < SHARES.A) return { name, type: "A" };
    if (kind < SHARES.A + SHARES.SRV) return { name: `_${PORT_NAME}._tcp.${name}`, type: "SRV" };
    if (kind < SHARES.A + SHARES.SRV + SHARES.AAAA) return { name, type: "AAAA" };
    // What a search path makes of an outside name, and a service that is gone.
    const labels = i % 2 === 0 ? `www.example-${random() % 1000}.com` : `gone-${random() % 1000}`;
    return { name: `${labels}.${service.namespace}.svc.${CLUSTER_DOMAIN}.`, type: "A" };
  });
}

/** Dotted text of 32 bits. */
function formatIpv4(bits: number): string {
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join(".");
}

/** xorshift32 (Marsaglia) from a fixed seed: whole numbers from 0 to 2^31 - 1. */
function newRandom(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
