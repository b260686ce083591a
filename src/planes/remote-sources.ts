// The sources that the options name, beside manifests and the objects of a program. Each is loaded only when it is
// wanted.
import type { Options } from "../config/options.ts";
import { accessOfPod, POD_FILES } from "../sources/kubernetes/api-access.ts";
import { KubernetesSource } from "../sources/kubernetes/kubernetes-source.ts";
import type { MemoryRoom } from "../std/memory-room.ts";
import type { Source } from "../sources/source.ts";

/** The sources, none of them started. Their objects are to fit `room`. */
export function remoteSources(options: Options, room: MemoryRoom): readonly Source[] {
  return options.sources.map(() => kubernetesSource(options, room));
}

/** Files that the sources read while they run, beside those of the options. Rejects with a `SourceError`. */
export async function filesOfSources({ sources, kubeconfig, context }: Options): Promise<readonly string[]> {
  if (sources.length === 0) return [];
  if (kubeconfig === undefined) return POD_FILES;
  const { filesOfKubeconfig } = await import("../sources/kubernetes/kubeconfig.ts");
  return filesOfKubeconfig(kubeconfig, context);
}

function kubernetesSource(options: Options, room: MemoryRoom): Source {
  const { kubeconfig, context, namespaces, namespaceSelector, serviceSelector } = options;
  return new KubernetesSource({
    openAccess: async () => {
      if (kubeconfig === undefined) return accessOfPod(process.env);
      const { accessOfKubeconfig } = await import("../sources/kubernetes/kubeconfig.ts");
      return accessOfKubeconfig(kubeconfig, context);
    },
    namespaces,
    namespaceSelector,
    serviceSelector,
    room,
    hasPods: options.pods === "verified" || options.autopath,
    snapshotFile: options.snapshotFile,
    startupTimeoutMs: options.startupTimeoutSeconds * 1_000,
  });
}
