// The resolv.conf of every namespace and of every pod, as files by name: what a folder of them has to hold. Pure.
// Names of objects are DNS names, so that no file can leave its folder; docs/resolv-conf.md shows the layout.
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { PodResolvConfInput } from "./pod-resolv-conf.ts";
import { podResolvConf } from "./pod-resolv-conf.ts";
import { formatResolvConf } from "./resolv-conf.ts";

/** The first line of every such file: who finds it knows that it may be written over, or removed. */
export const OWN_FILE_LINE = "# Made by cluster-dns from manifests, and written anew when they change.\n";

/** `NAMESPACE.conf` for a pod that sets nothing, `NAMESPACE/POD.conf` for each pod; `default` is always there. */
export function resolvConfFiles(
  objects: Iterable<KubeObject>,
  settings: Omit<PodResolvConfInput, "pod">,
): { files: ReadonlyMap<string, string>; warnings: readonly Problem[] } {
  const namespaces = new Set(["default"]);
  const files = new Map<string, string>();
  const warnings: Problem[] = [];
  const add = (name: string, pod: PodResolvConfInput["pod"]): readonly Problem[] => {
    const made = podResolvConf({ ...settings, pod });
    files.set(`${name}.conf`, OWN_FILE_LINE + formatResolvConf(made.conf));
    return made.warnings;
  };
  for (const object of objects) {
    namespaces.add(object.kind === "Namespace" ? object.name : object.namespace);
    if (object.kind !== "Pod") continue;
    const found = add(`${object.namespace}/${object.name}`, object);
    warnings.push(...found.map((warning) => atPod(warning, object)));
  }
  // Of objects that live in no namespace.
  namespaces.delete("");
  for (const namespace of namespaces) {
    const found = add(namespace, { namespace, dnsPolicy: "ClusterFirst", hostNetwork: false });
    warnings.push(...found.map((warning) => ({ ...warning, object: `Namespace ${namespace}` })));
  }
  return { files, warnings };
}

/** `problem` with the pod that has it, and its place. */
export function atPod(problem: Problem, pod: Pod): Problem {
  return { ...problem, object: objectKey(pod), ...(pod.place === undefined ? {} : { place: pod.place }) };
}
