// The nameservers of pods that use the cluster's DNS server.
// Pure. pod-resolv-conf.ts says which pods do.
import { dialHost, isWildcard } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { KubeObject, Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";

/** The Service of the cluster's DNS server, `kube-system/kube-dns`, unless no source gives it. */
export function findKubeDns(objects: Iterable<KubeObject>): Service | undefined {
  for (const object of objects) {
    if (object.kind !== "Service" || object.simulated === true) continue;
    if (object.namespace === "kube-system" && object.name === "kube-dns") return object;
  }
  return undefined;
}

/** The nameservers of pods: `nameservers` if given, else the cluster IP of `kubeDns`, else the listen addresses. */
export function clusterNameservers(
  nameservers: readonly string[],
  listen: readonly ListenAddress[],
  kubeDns: Service | undefined,
): { nameservers: readonly string[]; warnings: readonly Problem[] } {
  const clusterIp = kubeDns?.clusterIPs[0];
  // The service maps port 53 to the port of the server, so no warning is needed.
  if (nameservers.length === 0 && clusterIp !== undefined) return { nameservers: [clusterIp], warnings: [] };
  const warnings = listen.filter(({ port }) => port !== 53).map(portWarning);
  if (nameservers.length > 0) return { nameservers, warnings };
  const wildcards = listen.filter(({ host }) => isWildcard(host));
  return {
    nameservers: [...new Set(listen.map(({ host }) => dialHost(host)))],
    warnings: [...warnings, ...wildcards.map(wildcardWarning)],
  };
}

function portWarning({ host, port }: ListenAddress): Problem {
  return {
    code: "resolv-conf-port",
    severity: "warning",
    message: `the server listens on port ${port} of ${host}, but resolv.conf can't set a port: resolvers use port 53`,
    advice: "listen on port 53, or redirect port 53 of the nameserver address to it",
  };
}

function wildcardWarning({ host }: ListenAddress): Problem {
  return {
    code: "resolv-conf-wildcard",
    severity: "warning",
    message: `${host} means all addresses of the machine; ${dialHost(host)} works only on that machine`,
    advice: "set --nameserver to the address that pods can reach",
  };
}
