// What the measured cluster answers, worked out from the model alone and apart from src/, so that a mistake there is
// seen: as a zone file for the other servers, and as the answer that each question must get. Pure.
// Kubernetes DNS-Based Service Discovery 1.1.0; zone files as in RFC 1035 5.
import { CLUSTER_DOMAIN, endpointLabel, PORT_NAME, SERVICE_PORT, serviceName, TARGET_PORT } from "./cluster.ts";
import type { ModelService, Question } from "./cluster.ts";

/** One record; names fully qualified, `rdata` in zone-file text. */
export interface ZoneRecord {
  readonly owner: string;
  readonly type: string;
  readonly rdata: string;
}

/** What a question must get: `records` as `owner TTL type rdata`, sorted. */
export interface Expected {
  readonly rcode: "NOERROR" | "NXDOMAIN";
  readonly records: readonly string[];
}

export const ZONE_TTL_SECONDS = 30;
const APEX = `${CLUSTER_DOMAIN}.`;

/** All records of the services, without the zone's own. */
function* serviceRecords(services: Iterable<ModelService>): Generator<ZoneRecord> {
  for (const service of services) {
    const name = serviceName(service);
    const portName = `_${PORT_NAME}._tcp.${name}`;
    const endpoints = service.endpoints.map((address) => ({ address, name: `${endpointLabel(address)}.${name}` }));
    if (service.clusterIp !== undefined) yield { owner: name, type: "A", rdata: service.clusterIp };
    else for (const { address } of endpoints) yield { owner: name, type: "A", rdata: address };
    const targets =
      service.clusterIp === undefined
        ? endpoints.map((endpoint) => `${TARGET_PORT} ${endpoint.name}`)
        : [`${SERVICE_PORT} ${name}`];
    const weight = Math.max(1, Math.floor(100 / targets.length));
    for (const owner of [name, portName])
      for (const target of targets) yield { owner, type: "SRV", rdata: `0 ${weight} ${target}` };
    for (const { address, name: owner } of endpoints) {
      yield { owner, type: "A", rdata: address };
      yield { owner, type: "SRV", rdata: `0 100 ${TARGET_PORT} ${owner}` };
    }
  }
}

/** The zone as a file, in pieces; `serverAddress` is the name server's. */
export function* formatZone(services: Iterable<ModelService>, serverAddress: string): Generator<string> {
  const times = `1 7200 1800 86400 ${ZONE_TTL_SECONDS}`;
  yield `$TTL ${ZONE_TTL_SECONDS}\n`;
  yield `${APEX} SOA ns.dns.${APEX} hostmaster.${APEX} ${times}\n`;
  yield `${APEX} NS ns.dns.${APEX}\nns.dns.${APEX} A ${serverAddress}\n`;
  yield `dns-version.${APEX} 28800 TXT "1.1.0"\n`;
  for (const { owner, type, rdata } of serviceRecords(services)) yield `${owner} ${type} ${rdata}\n`;
}

/** The right answers of a cluster. */
export class ExpectedAnswers {
  readonly #byOwner = new Map<string, ZoneRecord[]>();

  constructor(services: Iterable<ModelService>) {
    for (const record of serviceRecords(services)) {
      const known = this.#byOwner.get(record.owner);
      if (known !== undefined) known.push(record);
      else this.#byOwner.set(record.owner, [record]);
      // Every name above one that has records exists (RFC 8020).
      for (let name = parentOf(record.owner); name.length > APEX.length; name = parentOf(name)) {
        if (this.#byOwner.has(name)) break;
        this.#byOwner.set(name, []);
      }
    }
  }

  to({ name, type }: Question): Expected {
    const records = this.#byOwner.get(name);
    return {
      rcode: records === undefined ? "NXDOMAIN" : "NOERROR",
      records: (records ?? [])
        .filter((record) => record.type === type)
        .map(formatRecord)
        .toSorted(),
    };
  }

  /** Whether the zone has this record. */
  has(record: ZoneRecord): boolean {
    const known = this.#byOwner.get(record.owner) ?? [];
    return known.some(({ type, rdata }) => type === record.type && rdata === record.rdata);
  }
}

function parentOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function formatRecord({ owner, type, rdata }: ZoneRecord): string {
  return `${owner} ${ZONE_TTL_SECONDS} ${type} ${rdata}`;
}
