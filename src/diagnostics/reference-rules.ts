// Rules for the names that manifests use themselves: fields that name a service, and hosts in texts. Each is resolved
// as a pod would; a name that may be another system's is reported only if a service of nearly that name exists. Pure.
// Kubernetes: "DNS for Services and Pods", services and namespaces of services.
import type { Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Severity } from "../objects/problem.ts";
import type { HostTarget, Reference, ServiceTarget } from "../objects/references/reference.ts";
import type { Finding } from "./finding.ts";
import { findingAt } from "./finding.ts";
import { meantName, nearestName } from "./near-names.ts";
import { SYSTEM_NAMESPACES } from "./external-name-rules.ts";
import type { DiagnosticView } from "./view.ts";

/** Services of every cluster, which manifests seldom contain. */
const CLUSTER_SERVICES: ReadonlySet<string> = new Set(["default/kubernetes", "kube-system/kube-dns"]);

/** How the key of a definition of resources begins. */
const DEFINITION = "CustomResourceDefinition.";

/** The name of a pod of a StatefulSet; not the dashed address that other endpoints have as a name. */
const POD_NAME = /^(?!\d+(?:-\d+){3}$).*-\d+$/;

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly port?: number | string;
  /** For `_PORT._PROTOCOL.` in front of the name. */
  readonly portName?: string;
  /** A pod of the service: the first label of `db-0.db`. */
  readonly pod?: string;
  /** The name can only be that of a service. */
  readonly isCertain: boolean;
}

/** References to services, or ports of services, that do not exist. */
export function findBrokenReferences(view: DiagnosticView): readonly Finding[] {
  return view.references.flatMap((reference) => {
    const { target } = reference;
    const wanted = target.form === "service" ? wantedByField(target) : wantedByHost(view, reference, target);
    if (wanted === undefined || CLUSTER_SERVICES.has(`${wanted.namespace}/${wanted.name}`)) return [];
    if (view.isUnusedService(wanted.namespace, wanted.name)) return [];
    const service = view.registry.service(wanted.namespace, wanted.name);
    const found =
      service === undefined ? missingService(view, reference, wanted) : missingPart(view, reference, wanted, service);
    return found === undefined ? [] : [found];
  });
}

function wantedByField({ namespace, name, port }: ServiceTarget): Wanted {
  return { namespace, name, ...(port !== undefined && { port }), isCertain: true };
}

/** The service that a pod would look for; undefined if the host is no name of this cluster. */
function wantedByHost(view: DiagnosticView, { namespace }: Reference, target: HostTarget): Wanted | undefined {
  const { host, form, port } = target;
  const labels = host.split(".");
  const common = { ...(port !== undefined && { port }) };
  if (form === "full") return wantedByFullName(view, labels, common);
  const [name, below, ...more] = labels;
  if (namespace === "" || more.length > 0) return undefined;
  if (below === undefined) return { ...common, namespace, name: name!, isCertain: false };
  // NAME.SERVICE is a pod of a service in the same namespace.
  if (
    view.registry.service(namespace, below) !== undefined ||
    (POD_NAME.test(name!) && !view.registry.hasNamespace(below))
  )
    return { namespace, name: below, pod: name!, isCertain: false };
  return view.registry.hasNamespace(below) ? { ...common, namespace: below, name: name!, isCertain: false } : undefined;
}

/** SERVICE.NAMESPACE.svc with the cluster domain or without, below an endpoint's name or `_PORT._PROTOCOL`. */
function wantedByFullName(
  view: DiagnosticView,
  labels: readonly string[],
  common: { readonly port?: number },
): Wanted | undefined {
  const svc = labels.indexOf("svc", 2);
  const domain = labels.slice(svc + 1).join(".");
  if (domain !== "" && domain !== view.settings.clusterDomain) return undefined;
  const [name, namespace] = labels.slice(svc - 2, svc);
  const front = labels.slice(0, svc - 2);
  const portName = front.length === 2 && front[0]!.startsWith("_") ? front[0]!.slice(1) : undefined;
  if (front.length > 1 && portName === undefined) return undefined;
  return {
    ...common,
    ...(portName !== undefined && { portName }),
    ...(front.length === 1 && { pod: front[0]! }),
    namespace: namespace!,
    name: name!,
    isCertain: true,
  };
}

function missingService(view: DiagnosticView, reference: Reference, wanted: Wanted): Finding | undefined {
  const { namespace, name, isCertain } = wanted;
  const names = view.servicesIn(namespace).map((service) => service.name);
  const meant = meantName(name, names);
  const found = (severity: Severity, message: string, advice: string): Finding =>
    findingAt("reference-no-service", reference, {
      severity,
      message: `${writtenHost(reference)}: ${message}`,
      advice,
    });
  const missing = `namespace ${namespace} has no service ${name}`;
  if (meant !== undefined) return found("warning", missing, `use ${meant}, the nearest service`);
  if (!isCertain) return undefined;
  if (!view.registry.hasNamespace(namespace)) return missingNamespace(view, wanted, found);
  const maker = view.operatorResourcesIn(namespace)[0];
  if (maker !== undefined) {
    const what = `${maker.otherKind} ${namespace}/${maker.name}`;
    return found("hint", `${missing}, but an operator may create it for ${what}`, "add the service to the manifests");
  }
  // Other files may have the services of a namespace that has none here; definitions are often in files of their own.
  const isElsewhere = SYSTEM_NAMESPACES_OF_OTHERS.has(namespace) || reference.object.startsWith(DEFINITION);
  const severity = names.length === 0 || isElsewhere ? "hint" : "warning";
  const near = nearestName(name, names);
  const advice =
    near === undefined ? "correct the name, or add the file of the service" : `use ${near}, the nearest service`;
  return found(severity, missing, advice);
}

/** The namespaces that programs outside the manifests share. */
const SYSTEM_NAMESPACES_OF_OTHERS: ReadonlySet<string> = new Set(
  [...SYSTEM_NAMESPACES].filter((name) => name !== "default"),
);

/** A namespace that no object is in is another team's, unless the service is in one of nearly that name. */
function missingNamespace(
  view: DiagnosticView,
  { namespace, name }: Wanted,
  found: (severity: Severity, message: string, advice: string) => Finding,
): Finding | undefined {
  const holding = view.namespaces.filter((other) => view.registry.service(other, name) !== undefined);
  const meant = meantName(namespace, holding);
  return meant === undefined
    ? undefined
    : found(
        "warning",
        `there is no namespace ${namespace}`,
        `use ${name}.${meant}, a service of the nearest namespace`,
      );
}

function missingPart(
  view: DiagnosticView,
  reference: Reference,
  wanted: Wanted,
  service: Service,
): Finding | undefined {
  const { pod } = wanted;
  // Clients of a pod's name reach it on any port.
  return pod === undefined ? missingPort(reference, wanted, service) : missingPod(view, reference, pod, service);
}

/** A pod that a StatefulSet does not have. What writes slices by hand may write more of them. */
function missingPod(view: DiagnosticView, reference: Reference, pod: string, service: Service): Finding | undefined {
  if (!POD_NAME.test(pod) || service.maker !== undefined || !view.hasOnlySelectedEndpoints(service)) return undefined;
  const slices = [...view.registry.slicesOf(service.namespace, service.name)];
  const pods = new Set(slices.flatMap(({ endpoints }) => endpoints.flatMap(({ hostname }) => hostname ?? [])));
  if (pods.size === 0 || pods.has(pod)) return undefined;
  const shown = [...pods].sort().slice(0, 5).join(", ");
  return findingAt("reference-no-pod", reference, {
    message: `${writtenHost(reference)}: ${objectKey(service)} has no pod ${pod}`,
    advice: `use ${shown}${pods.size > 5 ? ", …" : ""}, or set \`replicas\` to a higher number`,
  });
}

function missingPort(reference: Reference, wanted: Wanted, service: Service): Finding | undefined {
  const { port = wanted.portName } = wanted;
  const isField = reference.target.form === "service";
  if (port === undefined || service.type === "ExternalName" || service.ports.length === 0) return undefined;
  // What an operator makes may have more ports than are known.
  if (service.maker !== undefined) return undefined;
  // Clients of a headless service reach its pods, on any port.
  if (service.headless && !isField) return undefined;
  if (service.ports.some((each) => each.port === port || (each.name === port && port !== ""))) return undefined;
  const ports = service.ports.map((each) => (each.name === "" ? `${each.port}` : `${each.port} (${each.name})`));
  return findingAt("reference-no-port", reference, {
    message: `${writtenHost(reference)}: ${objectKey(service)} has no port ${port}`,
    advice: `use ${ports.slice(0, 5).join(", ")}${ports.length > 5 ? ", …" : ""}`,
  });
}

/** The host or the name as it is written, with its port. */
export function writtenHost({ target }: Pick<Reference, "target">): string {
  if (target.form === "service") return target.port === undefined ? target.name : `${target.name}, port ${target.port}`;
  return target.port === undefined ? target.host : `${target.host}:${target.port}`;
}
