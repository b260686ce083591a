// ExternalName services whose CNAME leads nowhere inside the cluster: circles, namespaces that are not there, and short
// names, which mean nothing in a CNAME because its target is always a full name (RFC 1034 section 3.6.2). Pure.
// Kubernetes: "Service", type ExternalName.
import type { Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

/** As many CNAMEs as an answer follows. */
const MAX_CHAIN = 10;
/** Every cluster has them, and manifests seldom say so. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

interface Target {
  readonly namespace: string;
  readonly service?: string;
  /** Undefined when the name is written in full. */
  readonly fullName?: string;
}

/** All that is wrong with the targets of ExternalName services inside the cluster. */
export function findLostExternalNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const externalName = service.externalName?.toLowerCase();
    if (service.type !== "ExternalName" || externalName === undefined) return [];
    const found = (code: Parameters<typeof finding>[0], message: string, advice: string): Finding =>
      finding(code, service, ["spec", "externalName"], { message, advice });
    const loop = describeLoop(view, service);
    if (loop !== undefined) return [found("external-name-loop", loop, "let one of them point to the real target")];
    const target = readTarget(view, service, externalName);
    if (target === undefined) return [];
    if (target === "no-form") {
      const message = `${externalName} is in the cluster domain, and no service has a name of this form`;
      const advice = `write SERVICE.NAMESPACE.svc.${view.settings.clusterDomain}`;
      return [found("external-name-not-full", message, advice)];
    }
    const findings: Finding[] = [];
    if (target.fullName !== undefined) {
      const message = `${externalName} is not tried with the search path, as the target of a CNAME is a full name`;
      findings.push(found("external-name-not-full", message, `write ${target.fullName}`));
    }
    const { namespace } = target;
    if (!isNamespace(view, namespace)) {
      const message = `${externalName} leads into namespace ${namespace}, which does not exist`;
      const advice = "correct the name, or name the files of that namespace as well";
      findings.push(found("external-name-no-namespace", message, advice));
    } else if (isServiceMissing(view, target)) {
      const message = `${externalName}: the manifests have no service ${target.service} in namespace ${namespace}`;
      findings.push(found("external-name-no-service", message, "correct the name, or name the service's file as well"));
    }
    return findings;
  });
}

/** Which service or pod of the cluster an external name means; undefined for a name outside. */
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

/** `db.shop.svc` can mean nothing else; `db` and `db.shop` mean a service only where there is one. */
function readShortTarget(view: DiagnosticView, service: Service, externalName: string): Target | undefined {
  const [name, namespace = service.namespace, svc, ...rest] = externalName.split(".");
  if (name === undefined || rest.length > 0 || (svc !== undefined && svc !== "svc")) return undefined;
  if (svc === undefined && view.registry.service(namespace, name) === undefined) return undefined;
  return { service: name, namespace, fullName: `${name}.${namespace}.svc.${view.settings.clusterDomain}` };
}

function isNamespace(view: DiagnosticView, namespace: string): boolean {
  return SYSTEM_NAMESPACES.has(namespace) || view.registry.hasNamespace(namespace);
}

/** Of the namespaces that every cluster has, what else is in them is not known. */
function isServiceMissing(view: DiagnosticView, { service, namespace }: Target): boolean {
  if (service === undefined || SYSTEM_NAMESPACES.has(namespace)) return false;
  return view.registry.service(namespace, service) === undefined;
}

/** The way of a service whose chain of CNAMEs comes to no end, in words. */
function describeLoop(view: DiagnosticView, start: Service): string | undefined {
  const way = [start];
  for (let next = nextService(view, start); next !== undefined; next = nextService(view, next)) {
    const at = way.indexOf(next);
    if (at !== -1) {
      const circle = [...way.slice(at), next].map(objectKey).join(" → ");
      return at === 0
        ? `the external names form a circle: ${circle}`
        : `the external name leads into a circle: ${circle}`;
    }
    way.push(next);
    if (way.length > MAX_CHAIN)
      return `the external name leads over more than ${MAX_CHAIN} services: ${way.map(objectKey).join(" → ")}`;
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
