// What the status page shows of a running server: reads the state of its parts when it is asked, and samples traffic
// once a second. Made only where there is an admin server.
import type { AdminView } from "../admin/admin-view.ts";
import { sumCounts } from "../answer/answer-counts.ts";
import type { Options } from "../config/options.ts";
import type { ExplainQuestion } from "../explain/explanation.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Problem } from "../objects/problem.ts";
import { serviceEndpoints } from "../overview/service-endpoints.ts";
import { ServiceList } from "../overview/service-list.ts";
import type { ServicePage, ServiceSearch } from "../overview/service-list.ts";
import { serviceRow } from "../overview/service-row.ts";
import type { ClusterObjects } from "../overview/service-row.ts";
import type { TopLists } from "../overview/top-lists.ts";
import { TrafficHistory } from "../overview/traffic-history.ts";
import type { TrafficCounts } from "../overview/traffic-history.ts";
import { readVersion } from "../process/version.ts";
import type { ClusterView } from "../query-log/query-details.ts";
import type { QueryFeed } from "../query-log/query-feed.ts";
import { clusterNameservers, findKubeDns } from "../resolv-conf/cluster-nameservers.ts";
import { podResolvConf, usesClusterDns } from "../resolv-conf/pod-resolv-conf.ts";
import { formatResolvConf, NO_RESOLV_CONF } from "../resolv-conf/resolv-conf.ts";
import type { Source } from "../sources/source.ts";
import type {
  PodFile,
  QueryRow,
  ServiceCounts,
  ServiceDetails,
  StatusView,
  Traffic,
  UpstreamRow,
} from "../status-page/status-view.ts";
import { problemPrefix } from "./control-plane.ts";
import type { Explainer } from "./explain-plane.ts";
import type { NamedObjects } from "./control-plane.ts";
import type { ListenerCounts } from "./data-plane.ts";
import { QuerySampler } from "./query-sampler.ts";
import { NODE_RESOLV_CONF, readResolvConf } from "./read-resolv-conf.ts";

const SAMPLE_MS = 1_000;

/** The parts of a server that its status page shows. */
export interface StatusParts {
  readonly options: Options;
  readonly sources: readonly Source[];
  /** Where the server answers queries. */
  readonly addresses: () => readonly ListenAddress[];
  /** None before the first load. */
  readonly clusters: () => readonly NamedObjects[];
  readonly problems: () => readonly Problem[];
  /** Undefined where nothing is forwarded. */
  readonly upstreams: () => readonly UpstreamRow[] | undefined;
  readonly counts: () => readonly ListenerCounts[];
  readonly feed: QueryFeed;
  readonly cluster: ClusterView;
  readonly explainer: Explainer;
}

export class ServerStatus implements StatusView {
  readonly version = readVersion();
  readonly #view: AdminView;
  readonly #parts: StatusParts;
  readonly #history = new TrafficHistory();
  readonly #sampler: QuerySampler;
  readonly #timer: NodeJS.Timeout;
  #clusters: readonly ClusterObjects[] = [];
  #list = new ServiceList([]);

  constructor(view: AdminView, parts: StatusParts) {
    this.#view = view;
    this.#parts = parts;
    this.#sampler = new QuerySampler(parts.feed, parts.cluster);
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  get domains(): readonly string[] {
    const domains = this.#parts.clusters().map(({ domain }) => domain);
    return domains.length === 0 ? [this.#parts.options.clusterDomain] : domains;
  }

  readiness(): ReturnType<StatusView["readiness"]> {
    return this.#view.readiness();
  }

  sourceDetails(id: string): Readonly<Record<string, unknown>> {
    return this.#parts.sources.find((source) => source.id === id)?.describe() ?? {};
  }

  serviceCounts(): ServiceCounts {
    const { size: total, unready } = this.#services();
    return { total, unready };
  }

  findServices(search: ServiceSearch): ServicePage {
    return this.#services().find(search);
  }

  service(domain: string, namespace: string, name: string): ServiceDetails | undefined {
    const cluster = this.#clusterOf(domain);
    const service = cluster?.registry.service(namespace, name);
    if (cluster === undefined || service === undefined) return undefined;
    return {
      ...serviceRow(cluster, service),
      dnsName: `${name}.${namespace}.svc.${domain}.`,
      endpointRows: serviceEndpoints(cluster.registry, service),
      problems: this.#problemsOf(`Service ${namespace}/${name}`, cluster),
    };
  }

  problems(): readonly Problem[] {
    return this.#parts.problems();
  }

  upstreams(): readonly UpstreamRow[] | undefined {
    return this.#parts.upstreams();
  }

  traffic(): Traffic {
    const { total } = sumCounts(this.#parts.counts());
    return { total, points: this.#history.points(), latency: this.#history.latency() };
  }

  top(limit: number): TopLists {
    return this.#sampler.top(limit);
  }

  async resolvConf(domain: string, namespace: string, name: string): Promise<PodFile | undefined> {
    const registry = this.#clusterOf(domain)?.registry;
    if (registry === undefined) return undefined;
    const plain = { namespace, dnsPolicy: "ClusterFirst", hostNetwork: false } as const;
    const pod = name !== "" ? registry.pod(namespace, name) : registry.hasNamespace(namespace) ? plain : undefined;
    if (pod === undefined) return undefined;
    const kubeDns = registry.service("kube-system", "kube-dns");
    const { addresses } = this.#parts;
    const cluster = clusterNameservers([], addresses(), findKubeDns(kubeDns === undefined ? [] : [kubeDns]));
    const node = await readResolvConf(NODE_RESOLV_CONF);
    const { conf, warnings } = podResolvConf({
      pod,
      clusterDomain: domain,
      clusterNameservers: cluster.nameservers,
      node: "fault" in node ? NO_RESOLV_CONF : node.conf,
    });
    return {
      text: formatResolvConf(conf),
      warnings: [
        ...("fault" in node ? [] : node.problems),
        ...(usesClusterDns(pod) ? cluster.warnings : []),
        ...warnings,
      ],
    };
  }

  async explain(question: ExplainQuestion): ReturnType<StatusView["explain"]> {
    const node = await readResolvConf(NODE_RESOLV_CONF);
    return this.#parts.explainer.explain(question, "fault" in node ? NO_RESOLV_CONF : node.conf);
  }

  watchQueries(listener: (query: QueryRow) => void): () => void {
    return this.#sampler.watch(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sampler.close();
  }

  #services(): ServiceList {
    const clusters = this.#parts.clusters();
    // They are all there with the first load.
    if (clusters.length !== this.#clusters.length) {
      this.#clusters = clusters;
      this.#list = new ServiceList(clusters);
    }
    return this.#list;
  }

  /** Objects of several clusters may have the same key. */
  #problemsOf(key: string, cluster: NamedObjects): readonly Problem[] {
    const named = this.#parts.clusters().filter(({ name }) => name !== undefined);
    return this.#parts.problems().filter(({ object, message }) => {
      const of = named.find(({ name }) => message.startsWith(problemPrefix(name!)));
      return object === key && of?.name === cluster.name;
    });
  }

  #clusterOf(domain: string): NamedObjects | undefined {
    return this.#parts.clusters().find((cluster) => cluster.domain === domain);
  }

  #sample(): void {
    this.#history.sample(performance.now(), trafficOf(this.#parts.counts()));
    this.#sampler.adapt();
  }
}

function trafficOf(parts: readonly ListenerCounts[]): TrafficCounts {
  const { byRcode } = sumCounts(parts);
  const sums = new Map<number, number>();
  for (const { counts } of parts) {
    const { bounds, counts: classes } = counts.latencies;
    classes.forEach((count, i) => {
      const maxUs = (bounds[i] ?? Infinity) * 1e6;
      sums.set(maxUs, (sums.get(maxUs) ?? 0) + count);
    });
  }
  return { byRcode, latency: [...sums].map(([maxUs, count]) => ({ maxUs, count })) };
}
