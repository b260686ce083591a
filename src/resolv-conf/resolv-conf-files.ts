// The contents of a folder with the resolv.conf of every namespace and every pod; docs/resolv-conf.md has the layout.
// Pure. Names of objects are DNS names, so no file can be outside the folder.
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { PodResolvConfInput } from "./pod-resolv-conf.ts";
import { podResolvConf } from "./pod-resolv-conf.ts";
import { formatResolvConf } from "./resolv-conf.ts";

/** The first line of every file: a file that begins with it may be overwritten or removed, by later versions too. */
export const OWN_FILE_LINE = "# Made by cluster-dns from manifests, and written anew when they change.\n";

/**
 * Texts by file name: `NAMESPACE.conf` for a pod without DNS settings, `NAMESPACE/POD.conf` for each pod. The namespace
 * `default` always has a file.
 */
export function resolvConfFiles(
  objects: Iterable<KubeObject>,
  settings: Omit<PodResolvConfInput, "pod">,
): { files: ReadonlyMap<string, string>; warnings: readonly Problem[] } {
  const namespaces = new Set(["default"]);
  const files = new Map<string, string>();
  const warnings: Problem[] = [];
  const add = (name: string, pod: PodResolvConfInput["pod"]): readonly Problem[] => {
    const { conf, warnings: found } = podResolvConf({ ...settings, pod });
    files.set(`${name}.conf`, OWN_FILE_LINE + formatResolvConf(conf));
    return found;
  };
  for (const object of objects) {
    const isOfCluster = (object.kind === "Namespace" || object.kind === "Service") && object.simulated === true;
    if (isOfCluster) continue;
    namespaces.add(object.kind === "Namespace" ? object.name : object.namespace);
    if (object.kind !== "Pod") continue;
    const found = add(`${object.namespace}/${object.name}`, object);
    warnings.push(...found.map((warning) => atPod(warning, object)));
  }
  // The namespace of cluster-scoped objects.
  namespaces.delete("");
  for (const namespace of namespaces) {
    const found = add(namespace, { namespace, dnsPolicy: "ClusterFirst", hostNetwork: false });
    warnings.push(...found.map((warning) => ({ ...warning, object: `Namespace ${namespace}` })));
  }
  return { files, warnings };
}

/** `problem` with the key and the place of its pod. */
export function atPod(problem: Problem, pod: Pod): Problem {
  return { ...problem, object: objectKey(pod), ...(pod.place === undefined ? {} : { place: pod.place }) };
}
