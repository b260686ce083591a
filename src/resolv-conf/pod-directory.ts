// Which pod asks, by its address, and what it searches: for answers that spare it the search. Follows the registry by
// its differences. Pure. Addresses that several pods have, as those on the host's network, tell nothing.
import type { KubeObject, Pod } from "../objects/kube-object.ts";
import { podResolvConf } from "./pod-resolv-conf.ts";

export class PodDirectory {
  readonly #clusterDomain: string;
  /** Address in canonical text to the pods that have it. */
  readonly #pods = new Map<string, readonly Pod[]>();

  constructor(clusterDomain: string) {
    this.#clusterDomain = clusterDomain;
  }

  /** Takes in what has changed; objects of other kinds count for nothing. */
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

  /** The search list of the one pod at this address, which asks the cluster's DNS; undefined: there is no such pod. */
  searchesOf(ip: string): readonly string[] | undefined {
    const running = this.#pods.get(ip)?.filter(({ phase }) => phase !== "Succeeded" && phase !== "Failed") ?? [];
    const [pod] = running;
    if (pod === undefined || running.length > 1 || pod.hostNetwork) return undefined;
    const node = { nameservers: [], searches: [], options: [] };
    const { conf } = podResolvConf({ pod, clusterDomain: this.#clusterDomain, clusterNameservers: [], node });
    return conf.searches.length === 0 ? undefined : conf.searches;
  }
}
