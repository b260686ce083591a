// The kinds with fields that name a service, and how each field does that. A row has the kind and, for each key of such
// a field, a reader of its value; the field may be anywhere below `spec` or `webhooks`. Pure.
// Kubernetes: "Ingress"; "Dynamic Admission Control"; "Kubernetes API Aggregation Layer". Gateway API: "HTTPRoute".
import { child, port, text } from "../raw-values.ts";
import type { HostTarget, ServiceTarget } from "./reference.ts";
import { hostOfName } from "./hosts-in-text.ts";

/** Reads the value of a field in an object of `namespace`; undefined if it names no service. */
type FieldReader = (value: unknown, namespace: string) => ServiceTarget | HostTarget | undefined;

interface KindRow {
  readonly group: RegExp;
  readonly kind: RegExp;
  readonly fields: ReadonlyMap<string, FieldReader>;
}

/** Where an AWS load balancer has actions instead of services. */
const NO_PORT = "use-annotation";
/** The port of a webhook or of an API service without one. */
const HTTPS_PORT = 443;

const ROWS: readonly KindRow[] = [
  row(/^(?:networking\.k8s\.io|extensions)$/, /^Ingress$/, {
    backend: readIngressBackend,
    defaultBackend: readIngressBackend,
  }),
  row(/^gateway\.networking\.k8s\.io$/, /Route$/, { backendRefs: readGatewayBackend, backendRef: readGatewayBackend }),
  row(/^admissionregistration\.k8s\.io$/, /^(?:Mutating|Validating)WebhookConfiguration$/, {
    clientConfig: readClientConfig,
  }),
  row(/^apiextensions\.k8s\.io$/, /^CustomResourceDefinition$/, { clientConfig: readClientConfig }),
  row(/^apiregistration\.k8s\.io$/, /^APIService$/, { service: readWebhookService }),
  row(/^route\.openshift\.io$/, /^Route$/, { to: readOpenShiftTarget, alternateBackends: readOpenShiftTarget }),
  row(/^traefik\.(?:io|containo\.us)$/, /^IngressRoute(?:TCP|UDP)?$/, { services: readListedService }),
  row(/^projectcontour\.io$/, /^HTTPProxy$/, { services: readListedService }),
  row(/^networking\.istio\.io$/, /^VirtualService$/, { destination: readHost }),
];

function row(group: RegExp, kind: RegExp, fields: Readonly<Record<string, FieldReader>>): KindRow {
  return { group, kind, fields: new Map(Object.entries(fields)) };
}

/** The readers by key for an object of this kind; undefined if no field of it names a service. */
export function serviceFields(apiVersion: string, kind: string): ReadonlyMap<string, FieldReader> | undefined {
  const group = apiVersion.slice(0, Math.max(apiVersion.indexOf("/"), 0));
  return ROWS.find((each) => each.kind.test(kind) && each.group.test(group))?.fields;
}

function readIngressBackend(value: unknown, namespace: string): ServiceTarget | undefined {
  const service = child(value, "service");
  // The form before v1 has the fields serviceName and servicePort.
  return service === undefined
    ? target(namespace, child(value, "serviceName"), child(value, "servicePort"))
    : target(namespace, child(service, "name"), child(service, "port", "number") ?? child(service, "port", "name"));
}

function readGatewayBackend(value: unknown, namespace: string): ServiceTarget | undefined {
  const isService = (child(value, "kind") ?? "Service") === "Service" && (child(value, "group") ?? "") === "";
  const own = text(child(value, "namespace")) ?? namespace;
  return isService ? target(own, child(value, "name"), child(value, "port")) : undefined;
}

function readClientConfig(value: unknown): ServiceTarget | undefined {
  return readWebhookService(child(value, "service"));
}

function readWebhookService(value: unknown): ServiceTarget | undefined {
  const namespace = text(child(value, "namespace"));
  return namespace === undefined
    ? undefined
    : target(namespace, child(value, "name"), child(value, "port") ?? HTTPS_PORT);
}

function readOpenShiftTarget(value: unknown, namespace: string): ServiceTarget | undefined {
  return (child(value, "kind") ?? "Service") === "Service" ? target(namespace, child(value, "name")) : undefined;
}

function readListedService(value: unknown, namespace: string): ServiceTarget | undefined {
  if ((child(value, "kind") ?? "Service") !== "Service") return undefined;
  return target(text(child(value, "namespace")) ?? namespace, child(value, "name"), child(value, "port"));
}

function readHost(value: unknown): HostTarget | undefined {
  const host = text(child(value, "host"));
  const [found] = host === undefined ? [] : hostOfName(host);
  const number = child(value, "port", "number");
  return found && (typeof number === "number" ? { ...found, port: number } : found);
}

function target(namespace: string, name: unknown, portValue?: unknown): ServiceTarget | undefined {
  const service = text(name);
  const number = port(portValue);
  if (service === undefined || number === NO_PORT) return undefined;
  return { form: "service", namespace, name: service, ...(number !== undefined && { port: number }) };
}
