// What a status page shows, from what a test says: a real registry and real lists of its objects; readiness, upstreams
// and queries as the test sets them.
import { Registry } from "../../src/cluster/registry.ts";
import { explain } from "../../src/explain/explain.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { serviceEndpoints } from "../../src/overview/service-endpoints.ts";
import { ServiceList } from "../../src/overview/service-list.ts";
import { serviceRow } from "../../src/overview/service-row.ts";
import type { ClusterObjects } from "../../src/overview/service-row.ts";
import { TopCounter } from "../../src/overview/top-lists.ts";
import { TrafficHistory } from "../../src/overview/traffic-history.ts";
import type { QueryRow, ServiceDetails, StatusView, UpstreamRow } from "../../src/status-page/status-view.ts";
import { smallView } from "../support/explained.ts";
import { replace } from "../support/core/origins.ts";

type Readiness = ReturnType<StatusView["readiness"]>;

const QUERY: QueryRow = {
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  client: "10.244.1.7",
  name: "web.shop.svc.cluster.local.",
  type: "A",
  rcode: "NOERROR",
  cause: "local",
  durationUs: 12,
};

/** No page of a test has a fault. */
export function onFault(fault: Error): never {
  throw fault;
}

export class ScriptedStatus implements StatusView {
  readonly version = "1.2.3";
  readonly registry = new Registry();
  /** Beside the first one. */
  readonly east = new Registry();
  readonly history = new TrafficHistory();
  readonly counter = new TopCounter(0);
  readonly watchers = new Set<(query: QueryRow) => void>();
  state: { -readonly [K in keyof Readiness]: Readiness[K] } = {
    ready: true,
    reasons: [],
    sources: [{ id: "manifests", state: "synced" }],
    zones: [{ name: "cluster.local.", ready: true, serial: 7 }],
  };
  found: readonly Problem[] = [];
  upstreamRows: readonly UpstreamRow[] | undefined;
  /** Why nothing can be explained now. */
  busy: string | undefined;
  readonly #clusters: readonly ClusterObjects[];
  readonly #list: ServiceList;

  /** `east`: the objects of a second cluster, if there is one. */
  constructor(objects: readonly KubeObject[] = [], east?: readonly KubeObject[]) {
    this.registry.apply([replace(objects)]);
    if (east !== undefined) this.east.apply([replace(east)]);
    const first = { domain: "cluster.local", registry: this.registry };
    this.#clusters = east === undefined ? [first] : [first, { domain: "east.local", registry: this.east }];
    this.#list = new ServiceList(this.#clusters);
  }

  get domains(): readonly string[] {
    return this.#clusters.map(({ domain }) => domain);
  }

  readiness(): Readiness {
    return this.state;
  }

  sourceDetails(): Readonly<Record<string, unknown>> {
    return { paths: ["a.yaml", "b.yaml"], files: 2, otherKinds: { ConfigMap: 1 } };
  }

  serviceCounts(): ReturnType<StatusView["serviceCounts"]> {
    return { total: this.#list.size, unready: this.#list.unready };
  }

  findServices(search: Parameters<StatusView["findServices"]>[0]): ReturnType<StatusView["findServices"]> {
    return this.#list.find(search);
  }

  service(domain: string, namespace: string, name: string): ServiceDetails | undefined {
    const cluster = this.#clusters.find((each) => each.domain === domain);
    const service = cluster?.registry.service(namespace, name);
    if (cluster === undefined || service === undefined) return undefined;
    return {
      ...serviceRow(cluster, service),
      dnsName: `${name}.${namespace}.svc.${domain}.`,
      endpointRows: serviceEndpoints(cluster.registry, service),
      problems: this.found.filter(({ object }) => object === `Service ${namespace}/${name}`),
    };
  }

  problems(): readonly Problem[] {
    return this.found;
  }

  upstreams(): readonly UpstreamRow[] | undefined {
    return this.upstreamRows;
  }

  traffic(): ReturnType<StatusView["traffic"]> {
    return { total: 12_345, points: this.history.points(), latency: this.history.latency() };
  }

  top(limit: number): ReturnType<StatusView["top"]> {
    return this.counter.top(limit, 1_000);
  }

  async resolvConf(domain: string, namespace: string, pod: string): ReturnType<StatusView["resolvConf"]> {
    const cluster = this.#clusters.find((each) => each.domain === domain);
    if (cluster === undefined || (pod !== "" && cluster.registry.pod(namespace, pod) === undefined)) return undefined;
    return { text: `nameserver 10.96.0.10\nsearch ${namespace}.svc.${domain}\n`, warnings: [] };
  }

  async explain(question: Parameters<StatusView["explain"]>[0]): ReturnType<StatusView["explain"]> {
    return this.busy === undefined ? explain(await smallView(), question) : { fault: this.busy, isBusy: true };
  }

  watchQueries(listener: (query: QueryRow) => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  /** Passes a query to all who watch. */
  ask(query: Partial<QueryRow>): void {
    for (const watcher of this.watchers) watcher({ ...QUERY, ...query });
  }
}
