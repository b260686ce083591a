// A name as a cluster has it, in a domain that no cluster here has, such as `web.prod.svc.cluster.example`: the same
// name in the domain of a cluster that has the service. Pure.
import { foldedKey, isAtOrBelow, keysUpward, parseName } from "../dns/name.ts";
import type { Reason } from "../reasons/reason.ts";
import type { NameView } from "./explain-view.ts";
import { textOf } from "./name-place.ts";

const SVC = "\u0003svc";
const ROOT = "\0";

/** Undefined: the name has no service of a cluster before `svc`, and is not SERVICE.NAMESPACE as it is. */
export function meantInDomain(name: Uint8Array, { clusters }: NameView): Reason | undefined {
  const keys = keysUpward(foldedKey(name));
  const at = keys.findIndex((key, i) => i >= 2 && (key.startsWith(SVC) || (i === 2 && key === ROOT)));
  if (at === -1) return undefined;
  const [service, namespace] = [firstLabel(keys[at - 2]!), firstLabel(keys[at - 1]!)];
  const cluster = clusters.find(({ registry }) => registry.service(namespace, service) !== undefined);
  if (cluster === undefined || isAtOrBelow(name, parseName(cluster.domain)!)) return undefined;
  const end = keys[at]!;
  const before = `${keys[0]!.slice(0, -end.length)}${ROOT}`;
  return {
    code: "other-domain",
    domain: textOf(end === ROOT ? ROOT : end.slice(SVC.length)),
    nearest: `${textOf(before)}.svc.${cluster.domain}`,
  };
}

function firstLabel(key: string): string {
  return key.slice(1, 1 + key.charCodeAt(0));
}
