// The rule for objects outside the namespace of `--namespace`, which is that of objects without one. As with kubectl,
// someone who sets it usually means all objects to be in it. Pure.
import type { KubeObject } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";
import { byPlace } from "./view.ts";

const DEFAULT_NAMESPACE = "default";

/** One hint at the first object of another namespace; none while `--namespace` is the default. */
export function findOtherNamespaces({ registry, settings }: DiagnosticView): readonly Finding[] {
  const { namespace = DEFAULT_NAMESPACE } = settings;
  if (namespace === DEFAULT_NAMESPACE) return [];
  const others = [...registry.objects()].filter((object) => isWritten(object) && object.namespace !== namespace);
  const [first] = others.sort(byPlace);
  if (first === undefined) return [];
  const objects = others.length === 1 ? "1 object names" : `${others.length} objects name`;
  return [
    finding("other-namespace", first, ["metadata", "namespace"], {
      message: `${objects} another namespace than ${namespace}, that of --namespace; this one names ${first.namespace}`,
      advice: `\`kubectl apply -n ${namespace}\` refuses such objects; here they stay in the namespace that they name`,
    }),
  ];
}

/** Whether the object has a namespace and is of a manifest, not made from one. */
function isWritten(object: KubeObject): boolean {
  if ((object.kind === "Pod" && object.simulated) || (object.kind === "EndpointSlice" && object.isDerived))
    return false;
  return object.namespace !== "" && object.place !== undefined;
}
