// What a name stands for, in one word: for people who read what was asked. The grammar is that of cluster-names.ts.
// Kubernetes DNS-Based Service Discovery 1.1.0; pure.
import type { Registry } from "../cluster/registry.ts";
import { isAtOrBelow, nameKey, parseName } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import type { ClusterNames } from "./cluster-names.ts";
import type { StaticZones } from "./static-zones.ts";

/**
 * `zone`: of the cluster zone itself, such as its apex; `pointer`: a reverse name; `special`: a name that every server
 * answers, such as `localhost`.
 */
export type NameKind =
  | "service"
  | "headless"
  | "external-name"
  | "endpoint"
  | "pod"
  | "pointer"
  | "zone"
  | "zone-file"
  | "hosts"
  | "special";

/** Where names come from. */
export interface NameSources {
  readonly names: ClusterNames;
  readonly registry: Pick<Registry, "service">;
  readonly statics: Pick<StaticZones, "originOf">;
}

const ARPA = parseName("arpa");
assert(ARPA !== undefined, "arpa is a name");

/** The kind of a name that local zones have, in wire form and lower case. */
export function nameKind(name: Uint8Array, { names, registry, statics }: NameSources): NameKind {
  if (!isAtOrBelow(name, names.apex)) {
    const origin = statics.originOf(name);
    return origin === "special" && isAtOrBelow(name, ARPA!) ? "pointer" : origin;
  }
  const labels = labelsOf(name, name.length - names.apex.length);
  const group = labels.pop();
  const namespace = labels.pop();
  const own = labels.pop();
  if (namespace === undefined || own === undefined) return "zone";
  if (group === "pod") return labels.length === 0 ? "pod" : "zone";
  if (group !== "svc") return "zone";
  if (labels.length === 1 && !labels[0]!.startsWith("_")) return "endpoint";
  const service = registry.service(namespace, own);
  if (service?.type === "ExternalName") return "external-name";
  return service?.headless === true ? "headless" : "service";
}

/** The labels in the first `size` bytes of a name. */
function labelsOf(name: Uint8Array, size: number): string[] {
  const labels: string[] = [];
  const text = nameKey(name);
  for (let at = 0; at < size; at += 1 + name[at]!) labels.push(text.slice(at + 1, at + 1 + name[at]!));
  return labels;
}
