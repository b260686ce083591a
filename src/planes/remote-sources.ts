// The sources that the options name, beside manifests and the objects of a program. Each is loaded only when it is
// wanted.
import type { Options } from "../config/options.ts";
import { accessOfPod, POD_FILES } from "../sources/kubernetes/api-access.ts";
import { KubernetesSource } from "../sources/kubernetes/kubernetes-source.ts";
import { SourceError } from "../files/source-error.ts";
import type { MemoryRoom } from "../std/memory-room.ts";
import type { Source } from "../sources/source.ts";

/** The sources, none of them started. Their objects are to fit `room`. `name`: of a cluster of `--cluster`. */
export function remoteSources(options: Options, room: MemoryRoom, name?: string): readonly Source[] {
  return options.sources.map(() => kubernetesSource(options, room, name));
}

/** Files that the sources read while they run, beside those of the options. Rejects with a `SourceError`. */
export async function filesOfSources({ sources, kubeconfig, context, clusters }: Options): Promise<readonly string[]> {
  const isInPod = sources.length > 0 && kubeconfig === undefined;
  const ofFirst = sources.length > 0 && kubeconfig !== undefined ? [{ kubeconfig, context }] : [];
  const files = await Promise.all([...ofFirst, ...clusters].map(filesOfKubeconfig));
  return [...(isInPod ? POD_FILES : []), ...files.flat()];
}

async function filesOfKubeconfig(at: KubeconfigPlace): Promise<readonly string[]> {
  const kubeconfigs = await import("../sources/kubernetes/kubeconfig.ts");
  return kubeconfigs.filesOfKubeconfig(at.kubeconfig, at.context);
}

interface KubeconfigPlace {
  readonly kubeconfig: string;
  readonly context?: string | undefined;
}

function kubernetesSource(options: Options, room: MemoryRoom, name: string | undefined): Source {
  const { kubeconfig, context, namespaces, namespaceSelector, serviceSelector } = options;
  return new KubernetesSource({
    ...(name !== undefined && { name }),
    openAccess: async () => {
      if (kubeconfig === undefined) return accessOfPod(process.env);
      const { accessOfKubeconfig } = await import("../sources/kubernetes/kubeconfig.ts");
      return accessOfKubeconfig(kubeconfig, context).catch((error: unknown) => {
        if (name === undefined || !(error instanceof SourceError)) throw error;
        throw new SourceError(`cluster ${name}: ${error.message}`);
      });
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
