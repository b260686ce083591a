// Lists the names of manifests: of services, their ports and their pods, and the hosts in texts. What is only
// simulated, or made by an operator, has no name that somebody wrote. Pure.
// Kubernetes: "DNS for Services and Pods"; DNS-Based Service Discovery 1.1.0 for the names of ports.
import { portLabels } from "../compile/cluster-names.ts";
import { isOver, objectKey, ownerOf } from "../objects/kube-object.ts";
import type { KubeObject, Owner, Pod, Service } from "../objects/kube-object.ts";
import type { FieldPath } from "../objects/field.ts";
import type { HostTarget, Reference } from "../objects/references/reference.ts";
import { usesClusterDns } from "../resolv-conf/pod-resolv-conf.ts";
import type { DiagnosticView, PodSource } from "./view.ts";
import type { NameQuestion, WrittenName } from "./written-name.ts";

const DEFAULT_NAMESPACE = "default";
/** How far up the owners of a pod are followed: a Deployment owns a ReplicaSet. */
const OWNERS_MAX = 3;

/** The names of the service: its own, in each family that it asks for, and then those of its ports. */
export function* serviceNames(view: DiagnosticView, service: Service): Generator<WrittenName> {
  const isAlias = service.type === "ExternalName";
  const own = fullName(view, service);
  const path = isAlias ? ["spec", "externalName"] : ["metadata", "name"];
  const types = isAlias || service.ipFamilies.length === 0 ? [undefined] : service.ipFamilies.map(typeOf);
  for (const type of types) {
    const question = { name: own, ...(type && { type }), from: service.namespace };
    yield { ...on(service, path), question, of: { kind: "service", service } };
  }
  if (isAlias) return;
  for (const [index, { name, protocol }] of service.ports.entries()) {
    if (name === "") continue;
    const question: NameQuestion = {
      name: `${portLabels(name, protocol).join(".")}.${own}`,
      type: "SRV",
      from: service.namespace,
    };
    yield { ...on(service, ["spec", "ports", index, "name"]), question, of: { kind: "port", service } };
  }
}

function typeOf(family: Service["ipFamilies"][number]): "A" | "AAAA" {
  return family === "IPv4" ? "A" : "AAAA";
}

/** The names of pods with a hostname and a subdomain, on the workload that gives them both. */
export function* podNames(view: DiagnosticView): Generator<WrittenName> {
  const sources = new Map(view.podSources.map((source) => [objectKey(source.object), source]));
  for (const pod of view.registry.objects()) {
    if (pod.kind !== "Pod" || pod.hostname === undefined || !pod.subdomain || isOver(pod)) continue;
    if (pod.inactive !== undefined || pod.ips.length === 0) continue;
    const source = sourceOf(view, pod, sources);
    if (source === undefined) continue;
    const { namespace, hostname, subdomain } = pod;
    const name = `${hostname}.${fullName(view, { namespace, name: subdomain })}`;
    const { object } = source;
    const isSet = object.kind === "Workload" && object.workloadKind === "StatefulSet";
    const path = isSet ? ["spec", "serviceName"] : [...source.path, "subdomain"];
    yield { ...on(object, path), question: { name, from: namespace }, of: { kind: "pod", service: subdomain } };
  }
}

/** The template that the pod is made from, or the pod itself; undefined for one of an operator. */
function sourceOf(view: DiagnosticView, pod: Pod, sources: ReadonlyMap<string, PodSource>): PodSource | undefined {
  let owner: Owner | undefined = pod.owner;
  for (let i = 0; owner !== undefined && i < OWNERS_MAX; i++) {
    const source = sources.get(`${owner.kind} ${pod.namespace}/${owner.name}`);
    if (source !== undefined) return source;
    owner = view.registry.workload(pod.namespace, owner)?.owner;
  }
  return sources.get(objectKey(pod));
}

/** The hosts in texts, as the pod with the text asks for them; for texts of no pod, as any pod of the namespace. */
export function* hostNames(view: DiagnosticView): Generator<WrittenName> {
  const sources = new Map(view.podSources.map((source) => [objectKey(source.object), source]));
  for (const reference of view.references) {
    if (!isOfHost(reference)) continue;
    const { object, place, path, target } = reference;
    const { host } = target;
    const source = sources.get(object);
    const pod = source !== undefined && hasOwnSettings(source) ? source : undefined;
    // The search list does not matter for the name of a service, unless the pod has one of its own.
    const whole = pod === undefined ? wholeName(view, target) : undefined;
    const question: NameQuestion = {
      name: whole ?? host,
      ...(/^_[^.]+\._/.test(host) && { type: "SRV" as const }),
      from: (pod && podOf(view, pod)) ?? (reference.namespace || (view.settings.namespace ?? DEFAULT_NAMESPACE)),
    };
    yield {
      object,
      ...(place && { place }),
      path,
      question,
      of: { kind: "reference", reference, ...(pod && { pod }) },
    };
  }
}

/** The host with the final dot if only this cluster can have it: SERVICE.NAMESPACE.svc, with its domain or without. */
export function wholeName({ settings }: DiagnosticView, { form, host }: HostTarget): string | undefined {
  if (form !== "full") return undefined;
  const labels = host.split(".");
  const domain = labels.slice(labels.indexOf("svc", 2) + 1).join(".");
  if (domain === "") return `${host}.${settings.clusterDomain}.`;
  return domain === settings.clusterDomain ? `${host}.` : undefined;
}

function isOfHost(reference: Reference): reference is Reference & { readonly target: HostTarget } {
  return reference.target.form !== "service";
}

/** Whether the pod has another resolv.conf than other pods of its namespace. */
function hasOwnSettings({ spec }: PodSource): boolean {
  return spec.dnsConfig !== undefined || !usesClusterDns(spec);
}

/** One of the pods as NAMESPACE/NAME; undefined where there is none. */
function podOf({ registry }: DiagnosticView, { object }: PodSource): string | undefined {
  const { namespace } = object;
  if (object.kind === "Pod") return `${namespace}/${object.name}`;
  for (const owned of registry.ownedBy(namespace, ownerOf(object)))
    if (owned.kind === "Pod") return `${namespace}/${owned.name}`;
  return undefined;
}

/** With the final dot. */
function fullName({ settings }: DiagnosticView, { namespace, name }: Pick<Service, "namespace" | "name">): string {
  return `${name}.${namespace}.svc.${settings.clusterDomain}.`;
}

function on(object: KubeObject, path: FieldPath): Pick<WrittenName, "object" | "place" | "path"> {
  return { object: objectKey(object), ...(object.place && { place: object.place }), path };
}
