// A name as a cluster has it, in a domain that no cluster here has, such as `web.prod.svc.cluster.example`: the same
// name in the domain of a cluster that has the service. Pure.
import { foldedKey, keysUpward } from "../dns/name.ts";
import type { Reason } from "../reasons/reason.ts";
import type { NameView } from "./explain-view.ts";
import { textOf } from "./name-place.ts";

const SVC = "\u0003svc";

/** Undefined: the name has no `svc` with a service of a cluster before it. */
export function meantInDomain(name: Uint8Array, { clusters }: NameView): Reason | undefined {
  const key = foldedKey(name);
  const keys = keysUpward(key);
  for (const [i, at] of keys.entries()) {
    if (!at.startsWith(SVC) || i < 2) continue;
    const [service, namespace] = [firstLabel(keys[i - 2]!), firstLabel(keys[i - 1]!)];
    const cluster = clusters.find(({ registry }) => registry.service(namespace, service) !== undefined);
    if (cluster === undefined) continue;
    const before = key.slice(0, key.length - at.length);
    const domain = textOf(at.slice(SVC.length));
    return { code: "other-domain", domain, nearest: `${textOf(`${before}\0`)}.svc.${cluster.domain}` };
  }
  return undefined;
}

function firstLabel(key: string): string {
  return key.slice(1, 1 + key.charCodeAt(0));
}
