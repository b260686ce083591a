// The table of operators' kinds, and what it makes of a resource: the services, and the workloads with their pods, that
// the operator's controller would make. Pure, and never a fault: a field of another type is as if it were missing.
import { isDnsLabel, isDnsSubdomain } from "../kube-names.ts";
import type { Protocol, Service, ServicePort, Workload } from "../kube-object.ts";
import type { ObjectHead } from "../parse-common.ts";
import { frozen, PORT_MAX } from "../parse-common.ts";
import { Field, ProblemSink } from "../field.ts";
import { DATABASES } from "./databases.ts";
import { MESSAGING } from "./messaging.ts";
import { OBSERVABILITY } from "./observability.ts";
import type { Made, MadePods, MadeService, OperatorRow, Resource } from "./operator-row.ts";
import { PLATFORMS } from "./platforms.ts";

/** Every kind that is known. */
export const OPERATOR_ROWS: readonly OperatorRow[] = [...DATABASES, ...MESSAGING, ...OBSERVABILITY, ...PLATFORMS];

const BY_KIND: ReadonlyMap<string, OperatorRow> = new Map(OPERATOR_ROWS.map((row) => [row.kind, row]));
const PODS_MAX = 10_000;

/** The objects that an operator makes for a resource of this kind (with its group); undefined for an unknown kind. */
export function madeByOperator(
  kind: string,
  input: unknown,
  head: ObjectHead,
): readonly (Service | Workload)[] | undefined {
  const row = BY_KIND.get(kind);
  if (row === undefined) return undefined;
  const root = new Field(input, new ProblemSink(() => undefined));
  const made = row.make(resourceOf(root, head));
  const services = made.services
    .filter(({ name }) => isDnsLabel(name))
    .map((each) => toService(each, made, head, kind));
  const workloads = made.pods
    .filter(({ name }) => isDnsSubdomain(name))
    .map((each) => toWorkload(each, made, head, kind));
  return frozen([...services, ...workloads]);
}

function resourceOf(root: Field, { namespace, name }: Pick<ObjectHead, "namespace" | "name">): Resource {
  const at = (path: string): Field => path.split(".").reduce((field, key) => field.get(key), root);
  return {
    namespace,
    name,
    count: (path, otherwise) => {
      const { value } = at(path);
      return Number.isInteger(value) ? Math.min(Math.max(value as number, 0), PORT_MAX) : otherwise;
    },
    text: (path, otherwise) => {
      const { value } = at(path);
      return typeof value === "string" ? value : otherwise;
    },
    flag: (path, otherwise) => {
      const { value } = at(path);
      return typeof value === "boolean" ? value : otherwise;
    },
    has: (path) => {
      const { value } = at(path);
      return value !== undefined && value !== null && value !== false;
    },
    items: (path) => {
      const { value } = at(path);
      if (!Array.isArray(value)) return [];
      const fields = at(path).items();
      return fields.map((item) => resourceOf(item, { namespace, name: "" }));
    },
    label: (key) => {
      const { value } = root.get("metadata").get("labels").get(key);
      return typeof value === "string" ? value : undefined;
    },
  };
}

function toService(
  { name, ports, headless: isHeadless, labels }: MadeService,
  made: Made,
  head: ObjectHead,
  kind: string,
): Service {
  const selector = labels ?? made.labels ?? {};
  return Object.freeze({
    kind: "Service",
    namespace: head.namespace,
    name,
    ...(head.place && { place: head.place }),
    type: "ClusterIP",
    headless: isHeadless === true,
    clusterIPs: frozen<string>([]),
    ipFamilies: frozen<never>([]),
    ports: toPorts(ports),
    ...(Object.keys(selector).length > 0 && { selector: new Map(Object.entries(selector)) }),
    publishNotReadyAddresses: isHeadless === true,
    simulated: true,
    maker: Object.freeze({ kind, name: head.name }),
  });
}

function toPorts(text: string): readonly ServicePort[] {
  const ports: ServicePort[] = [];
  for (const [, name = "", number, target, protocol] of text.matchAll(/(\S+):(\d+)(?:>(\d+))?(?:\/(\w+))?/g)) {
    const port = Number(number);
    const isKnown = ports.some((other) => other.name === name);
    if (!isDnsLabel(name) || port < 1 || port > PORT_MAX || isKnown) continue;
    const targetPort = target === undefined ? port : Number(target);
    ports.push(Object.freeze({ name, protocol: (protocol ?? "TCP") as Protocol, port, targetPort }));
  }
  return frozen(ports);
}

function toWorkload(pods: MadePods, made: Made, head: ObjectHead, kind: string): Workload {
  const labels = new Map(Object.entries({ ...made.labels, ...pods.labels }));
  return Object.freeze({
    kind: "Workload",
    namespace: head.namespace,
    name: pods.name,
    ...(head.place && { place: head.place }),
    workloadKind: pods.form ?? "StatefulSet",
    ...(pods.owner !== undefined && { customKind: pods.owner }),
    replicas: Math.min(pods.count, PODS_MAX),
    selector: labels,
    template: Object.freeze({
      labels,
      ready: true,
      namedPorts: frozen<never>([]),
      hostNetwork: false,
      dnsPolicy: "ClusterFirst",
      enableServiceLinks: true,
    }),
    ...(pods.subdomain !== undefined && { serviceName: pods.subdomain }),
    firstOrdinal: pods.first ?? 0,
    indexed: false,
    maker: Object.freeze({ kind, name: head.name }),
  });
}
