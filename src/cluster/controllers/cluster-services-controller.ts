// Stands in for what every cluster makes for itself: the namespaces that always exist, and the services of the API
// server and of the DNS server. An object of a source wins, and a live cluster has its own services. Neither has
// endpoints here: no address of an API server is known, and that of this server depends on who asks.
// Kubernetes: "Namespaces": initial namespaces; "Accessing the Kubernetes API from a Pod"; kubeadm's kube-dns.
import type { Namespace, Service, ServicePort } from "../../objects/kube-object.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Registry } from "../registry.ts";
import type { Controller } from "./controller.ts";

const ORIGIN = controllerOrigin("cluster-services");

const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"].map((name): Namespace =>
  Object.freeze({ kind: "Namespace", namespace: "", name, simulated: true }),
);

const SERVICES: readonly Service[] = [
  service("default", "kubernetes", [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }]),
  service(
    "kube-system",
    "kube-dns",
    [
      { name: "dns", protocol: "UDP", port: 53, targetPort: 53 },
      { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: 53 },
      { name: "metrics", protocol: "TCP", port: 9153, targetPort: 9153 },
    ],
    new Map([["k8s-app", "kube-dns"]]),
  ),
];

function service(
  namespace: string,
  name: string,
  ports: readonly ServicePort[],
  selector?: Service["selector"],
): Service {
  return Object.freeze({
    kind: "Service",
    namespace,
    name,
    type: "ClusterIP",
    headless: false,
    clusterIPs: Object.freeze([]),
    ipFamilies: Object.freeze([]),
    ipFamilyPolicy: "PreferDualStack",
    ports: Object.freeze(ports),
    ...(selector && { selector }),
    publishNotReadyAddresses: false,
    simulated: true,
  });
}

export class ClusterServicesController implements Controller {
  readonly #registry: Registry;
  readonly #hasServices: boolean;
  /** Whether the services are in the registry; undefined at the beginning. */
  #areThere: boolean | undefined;

  constructor(registry: Registry, hasServices: boolean) {
    this.#registry = registry;
    this.#hasServices = hasServices;
  }

  /** Puts the objects at the first call, and the services whenever the last live cluster goes. */
  // oxlint-disable-next-line require-yield
  *reconcile(): Sliced<readonly Change[]> {
    const wanted = this.#hasServices && !this.#registry.hasLiveObjects();
    if (wanted === this.#areThere) return [];
    this.#areThere = wanted;
    return [{ type: "replace", origin: ORIGIN, objects: wanted ? [...NAMESPACES, ...SERVICES] : NAMESPACES }];
  }
}
