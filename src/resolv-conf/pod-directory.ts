// The search list of the pod at an address, for answers that save the pod the search. Follows the differences of the
// registry. Pure. An address of several pods, such as one of the host network, identifies no pod.
import { isOver } from "../objects/kube-object.ts";
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import { podResolvConf } from "./pod-resolv-conf.ts";
import { NO_RESOLV_CONF } from "./resolv-conf.ts";

export class PodDirectory {
  readonly #clusterDomain: string;
  /** The pods by address in canonical form. */
  readonly #pods = new Map<string, readonly Pod[]>();

  constructor(clusterDomain: string) {
    this.#clusterDomain = clusterDomain;
  }

  /** Applies the differences of the registry; ignores objects of other kinds. */
  apply(differences: readonly { readonly before?: KubeObject; readonly after?: KubeObject }[]): void {
    for (const { before, after } of differences) {
      if (before?.kind === "Pod")
        for (const ip of before.ips) this.#change(ip, (pods) => pods.filter((pod) => pod !== before));
      if (after?.kind === "Pod") for (const ip of after.ips) this.#change(ip, (pods) => [...pods, after]);
    }
  }

  #change(ip: string, change: (pods: readonly Pod[]) => readonly Pod[]): void {
    const pods = change(this.#pods.get(ip) ?? []);
    if (pods.length === 0) this.#pods.delete(ip);
    else this.#pods.set(ip, pods);
  }

  /** The search list of the only running pod at `ip`; undefined without such a pod, or if its search list is empty. */
  searchesOf(ip: string): readonly string[] | undefined {
    const running = this.#pods.get(ip)?.filter((pod) => !isOver(pod)) ?? [];
    const [pod] = running;
    if (pod === undefined || running.length > 1 || pod.hostNetwork) return undefined;
    const { conf } = podResolvConf({
      pod,
      clusterDomain: this.#clusterDomain,
      clusterNameservers: [],
      node: NO_RESOLV_CONF,
    });
    return conf.searches.length === 0 ? undefined : conf.searches;
  }
}
