// Rules for ExternalName services whose CNAME does not resolve in the cluster: loops, missing namespaces and services,
// and short names: the target of a CNAME is always a full name (RFC 1034 section 3.6.2). Pure.
// Kubernetes: "Service", type ExternalName.
import type { Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

/** An answer follows this number of CNAMEs. */
const CHAIN_MAX = 10;
/** The namespaces of every cluster, which manifests seldom contain. */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
]);

interface Target {
  readonly namespace: string;
  readonly service?: string;
  /** Undefined if the external name is the full name. */
  readonly fullName?: string;
}

/** The faults in external names that point into the cluster. */
export function findUnresolvedExternalNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const externalName = service.externalName?.toLowerCase();
    if (service.type !== "ExternalName" || externalName === undefined) return [];
    const found = (code: Parameters<typeof finding>[0], message: string, advice: string): Finding =>
      finding(code, service, ["spec", "externalName"], { message, advice });
    const loop = describeLoop(view, service);
    if (loop !== undefined) return [found("external-name-loop", loop, "point one of them to the real target")];
    const target = readTarget(view, service, externalName);
    if (target === undefined) return [];
    if (target === "no-form") {
      const message = `${externalName} is in the cluster domain, but no service has a name of this form`;
      const advice = `use SERVICE.NAMESPACE.svc.${view.settings.clusterDomain}`;
      return [found("external-name-not-full", message, advice)];
    }
    const findings: Finding[] = [];
    if (target.fullName !== undefined) {
      const message = `${externalName} is not completed by the search path: the target of a CNAME is a full name`;
      findings.push(found("external-name-not-full", message, `use ${target.fullName}`));
    }
    const { namespace } = target;
    if (!isNamespace(view, namespace)) {
      const message = `${externalName} points into namespace ${namespace}, which does not exist`;
      const advice = "correct the name, or add the files of that namespace";
      findings.push(found("external-name-no-namespace", message, advice));
    } else if (isServiceMissing(view, target)) {
      const message = `${externalName}: the manifests have no service ${target.service} in namespace ${namespace}`;
      findings.push(found("external-name-no-service", message, "correct the name, or add the file of that service"));
    }
    return findings;
  });
}

/** The service or pod that an external name refers to; undefined for a name outside the cluster. */
function readTarget(view: DiagnosticView, service: Service, externalName: string): Target | "no-form" | undefined {
  const { clusterDomain } = view.settings;
  const suffix = `.${clusterDomain}`;
  if (externalName === clusterDomain) return "no-form";
  if (!externalName.endsWith(suffix)) return readShortTarget(view, service, externalName);
  const labels = externalName.slice(0, -suffix.length).split(".");
  const [name, namespace] = labels.slice(-3, -1);
  if (labels.at(-1) === "svc" && (labels.length === 3 || labels.length === 4))
    return { service: name!, namespace: namespace! };
  if (labels.at(-1) === "pod" && labels.length === 3) return { namespace: namespace! };
  return labels.join(".") === "ns.dns" ? undefined : "no-form";
}

/** `db.shop.svc` always refers to a service; `db` and `db.shop` do only if the service exists. */
function readShortTarget(view: DiagnosticView, service: Service, externalName: string): Target | undefined {
  const [name, namespace = service.namespace, svc, ...rest] = externalName.split(".");
  if (name === undefined || rest.length > 0 || (svc !== undefined && svc !== "svc")) return undefined;
  if (svc === undefined && view.registry.service(namespace, name) === undefined) return undefined;
  return { service: name, namespace, fullName: `${name}.${namespace}.svc.${view.settings.clusterDomain}` };
}

function isNamespace(view: DiagnosticView, namespace: string): boolean {
  return SYSTEM_NAMESPACES.has(namespace) || view.registry.hasNamespace(namespace);
}

/** False for system namespaces, as they have services that are not in the manifests. */
function isServiceMissing(view: DiagnosticView, { service, namespace }: Target): boolean {
  if (service === undefined || SYSTEM_NAMESPACES.has(namespace)) return false;
  return view.registry.service(namespace, service) === undefined;
}

/** A message if the chain of CNAMEs of a service is a loop, leads into one or is too long. */
function describeLoop(view: DiagnosticView, start: Service): string | undefined {
  const chain = [start];
  for (let next = nextService(view, start); next !== undefined; next = nextService(view, next)) {
    const at = chain.indexOf(next);
    if (at !== -1) {
      const loop = [...chain.slice(at), next].map(objectKey).join(" → ");
      return at === 0 ? `the external names form a loop: ${loop}` : `the external name leads into a loop: ${loop}`;
    }
    chain.push(next);
    if (chain.length > CHAIN_MAX)
      return `the chain of external names has more than ${CHAIN_MAX} services: ${chain.map(objectKey).join(" → ")}`;
  }
  return undefined;
}

function nextService(view: DiagnosticView, service: Service): Service | undefined {
  if (service.type !== "ExternalName" || service.externalName === undefined) return undefined;
  const target = readTarget(view, service, service.externalName.toLowerCase());
  if (target === undefined || target === "no-form" || target.fullName !== undefined) return undefined;
  const next = target.service === undefined ? undefined : view.registry.service(target.namespace, target.service);
  return next?.type === "ExternalName" ? next : undefined;
}
