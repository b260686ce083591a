// Rule for custom resources of operators that are not known: what the operator makes is not in the cluster here. Pure.
// Kubernetes: "Operator pattern".
import type { OtherObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import { groupOf } from "./custom-resources.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

/** A hint for the first resource of each kind that asks for pods: it has a number of replicas, or storage. */
export function findUnknownOperators(view: DiagnosticView): readonly Finding[] {
  const firsts = new Map<string, OtherObject>();
  for (const resource of view.operatorResources) {
    const kind = `${resource.otherKind}.${groupOf(resource.apiVersion)}`;
    if (view.asksForPods(objectKey(resource)) && !firsts.has(kind)) firsts.set(kind, resource);
  }
  return [...firsts].map(([kind, resource]) =>
    finding("operator-unknown", resource, ["kind"], {
      message: `an operator would make pods and services for ${kind}, but which ones is not known here`,
      advice: "add these services to the manifests, as `kubectl get services -o yaml` prints them",
    }),
  );
}
