// The services of all clusters in order, and searches over them, a page at a time. Each search reads the services, but
// sorts them only after a change of the cluster: ten thousand services cost milliseconds. Pure.
import type { EndpointSlice, Service } from "../objects/kube-object.ts";
import { hasReadyEndpoint } from "./service-endpoints.ts";
import { serviceRow } from "./service-row.ts";
import type { ClusterObjects, ServiceRow } from "./service-row.ts";

/** What a search looks for. */
export interface ServiceSearch {
  /** Words, all of which a service must have in its name, type, addresses or ports, or those of its endpoints. */
  readonly query?: string;
  readonly namespace?: string;
  /** Only services without a ready endpoint. */
  readonly isUnready?: boolean;
  /** From 1. Beyond the last page, the last page is meant. */
  readonly page?: number;
  readonly pageSize?: number;
}

/** A page of what a search found. */
export interface ServicePage {
  readonly services: readonly ServiceRow[];
  /** How many services the search found. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
}

const PAGE_SIZE = 25;
export const PAGE_SIZE_MAX = 500;
/** Longer queries, and those of more words, are cut. */
const QUERY_LENGTH_MAX = 256;
const WORDS_MAX = 8;

/** A service with its cluster. */
interface Entry {
  readonly cluster: ClusterObjects;
  readonly service: Service;
}

export class ServiceList {
  readonly #clusters: readonly ClusterObjects[];
  /** The parts of `#texts`; an entry lasts as long as its object. */
  readonly #objectTexts = new WeakMap<Service | EndpointSlice, string>();
  #sorted: readonly Entry[] = [];
  #unready: ReadonlySet<Service> = new Set();
  /** Of each of the sorted services, once somebody searches. */
  #texts: readonly string[] | undefined;
  #revision = -1;

  constructor(clusters: readonly ClusterObjects[]) {
    this.#clusters = clusters;
  }

  /** The number of services. */
  get size(): number {
    this.#update();
    return this.#sorted.length;
  }

  /** The number of services that have no ready endpoint, and should have. */
  get unready(): number {
    this.#update();
    return this.#unready.size;
  }

  find(search: ServiceSearch): ServicePage {
    this.#update();
    const words = wordsOf(search.query ?? "");
    const texts = words.length === 0 ? [] : this.#searchTexts();
    const found = this.#sorted.filter(
      ({ service }, i) =>
        (search.namespace === undefined || service.namespace === search.namespace) &&
        (search.isUnready !== true || this.#unready.has(service)) &&
        words.every((word) => texts[i]!.includes(word)),
    );
    const pageSize = Math.min(Math.max(search.pageSize ?? PAGE_SIZE, 1), PAGE_SIZE_MAX);
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    const page = Math.min(Math.max(search.page ?? 1, 1), pages);
    const shown = found.slice((page - 1) * pageSize, page * pageSize);
    return {
      services: shown.map(({ cluster, service }) => serviceRow(cluster, service)),
      found: found.length,
      page,
      pages,
    };
  }

  #update(): void {
    // Each number only grows.
    const revision = this.#clusters.reduce((sum, { registry }) => sum + registry.revision, 0);
    if (this.#revision === revision) return;
    this.#revision = revision;
    const entries = this.#clusters.flatMap((cluster) =>
      [...cluster.registry.services()].map((service) => ({ cluster, service })),
    );
    // Of several clusters in their order.
    this.#sorted = entries.sort(byName);
    this.#unready = new Set(entries.filter(isUnready).map(({ service }) => service));
    this.#texts = undefined;
  }

  /** The texts by which the sorted services are searched: their own, and those of their endpoints. */
  #searchTexts(): readonly string[] {
    this.#texts ??= this.#sorted.map(({ cluster: { domain, registry }, service }) => {
      const slices = registry.slicesOf(service.namespace, service.name);
      return [domain, ...[service, ...slices].map((object) => this.#textOf(object))].join(" ");
    });
    return this.#texts;
  }

  #textOf(object: Service | EndpointSlice): string {
    let text = this.#objectTexts.get(object);
    if (text !== undefined) return text;
    text = object.kind === "Service" ? textOfService(object) : textOfSlice(object);
    this.#objectTexts.set(object, text);
    return text;
  }
}

/** Namespace and name, type, addresses and ports, in lower case. */
function textOfService(service: Service): string {
  const { namespace, name, type, headless, clusterIPs, externalName = "", ports } = service;
  const portTexts = ports.map((port) => `${port.name} ${port.port}/${port.protocol}`);
  const parts = [`${namespace}/${name}`, headless ? "headless" : type, ...clusterIPs, externalName, ...portTexts];
  return parts.join(" ").toLowerCase();
}

/** Addresses and pods. */
function textOfSlice({ endpoints }: EndpointSlice): string {
  return endpoints.map(({ addresses, podName = "" }) => `${addresses.join(" ")} ${podName}`).join(" ");
}

/** An ExternalName has no endpoints; nobody expects those of a service that no source has. */
function isUnready({ cluster, service }: Entry): boolean {
  if (service.type === "ExternalName" || service.simulated === true) return false;
  return !hasReadyEndpoint(cluster.registry, service);
}

function wordsOf(query: string): readonly string[] {
  return query
    .slice(0, QUERY_LENGTH_MAX)
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, WORDS_MAX);
}

function byName({ service: a }: Entry, { service: b }: Entry): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
