// What the clusters of one table share: zones of files and special names, which lie below the names of all of them;
// reverse zones; and the PTR records of an address that several have, of which the first cluster's count.
import { parseIp } from "../net/ip.ts";
import type { Cidr } from "../net/ip.ts";
import { nameKey } from "../dns/name.ts";
import { EntryBuffer } from "../table/entry-buffer.ts";
import type { TableWriter } from "../table/writer.ts";
import { ClusterNames } from "./cluster-names.ts";
import { writeRecords } from "./encode-entry.ts";
import { NameLayers } from "./name-layers.ts";
import type { AnswerRRset } from "./owner-records.ts";
import { ReverseZones } from "./reverse-zones.ts";
import type { ReverseZone } from "./reverse-zones.ts";
import { StaticZones } from "./static-zones.ts";
import { CLUSTERS_MAX, clusterZone, LOCAL_ZONE, sharedZone } from "./zone-numbers.ts";
import { assert } from "../std/assert.ts";

/** What is shared depends on these settings of each cluster. */
export interface ClusterExtent {
  readonly clusterDomain: string;
  readonly ttlSeconds: number;
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
  /** Of the first cluster: names of hosts files have no other types, and no names below them. */
  readonly hostsAuthoritative?: boolean;
}

/** What the table has all of. */
export interface Readiness {
  /** Zone files and hosts files. */
  readonly areZonesKnown: boolean;
  /** `in part`: what the table has of the cluster is right, and more is to come. */
  readonly isClusterReady: boolean | "in part";
}

/** The compiler of a cluster, as it takes part. */
interface Member {
  /** Puts the PTR records of an address; false: the cluster does not have it. */
  readonly putPointer: (addressText: string) => boolean;
  readonly nameserverSet: () => AnswerRRset;
}

export class SharedZones {
  readonly layers: NameLayers;
  readonly static: StaticZones;
  readonly reverse: ReverseZones;
  /** The zones of no cluster alone, which have the SOA of the first one. */
  readonly zones: readonly number[];
  readonly #writer: TableWriter;
  /** The zone of reverse names that any cluster may have. */
  readonly #reverseZone: number;
  readonly #members: Member[] = [];
  /** PTR sets of addresses whose reverse name is the apex of a reverse zone, by name: the apex has NS as well. */
  readonly #apexPointers = new Map<string, AnswerRRset>();
  readonly #readiness: Readiness["isClusterReady"][];
  /** The entry that is being written. */
  readonly #entry = new EntryBuffer();

  /** The table must be empty. `clusters`: in the order of precedence. */
  constructor(writer: TableWriter, clusters: readonly ClusterExtent[]) {
    assert(clusters.length > 0 && clusters.length <= CLUSTERS_MAX, "the table has a zone for each cluster");
    this.#writer = writer;
    this.#reverseZone = sharedZone(clusters.length);
    this.#readiness = clusters.map(() => false);
    this.zones = clusters.length === 1 ? [LOCAL_ZONE] : [LOCAL_ZONE, this.#reverseZone];
    this.layers = new NameLayers(writer);
    this.reverse = new ReverseZones(
      clusters.map(({ serviceCidrs, podCidrs }, rank) => {
        return { cidrs: [...serviceCidrs, ...podCidrs], zone: clusterZone(rank) };
      }),
      this.#reverseZone,
    );
    this.static = new StaticZones(this.layers, writer, {
      clusterZones: new Map([
        ...clusters.map(({ clusterDomain }, rank) => {
          return [nameKey(new ClusterNames(clusterDomain).apex), clusterZone(rank)] as const;
        }),
        ...this.reverse.zones.map(({ apex, place }) => [nameKey(apex), place.zone] as const),
      ]),
      reverseZone: this.#reverseZone,
      localZone: LOCAL_ZONE,
      ttlSeconds: clusters[0]!.ttlSeconds,
      hostsAuthoritative: clusters[0]!.hostsAuthoritative ?? false,
    });
    // The names come before the clusters' objects.
    for (const zone of [...clusters.map((_, rank) => clusterZone(rank)), ...this.zones])
      writer.setZoneReady(zone, false);
  }

  /** Adds the compiler of the next cluster. */
  join(member: Member): void {
    this.#members.push(member);
  }

  /** Names of zones that are not ready, and names outside the zones until all zones are known, get SERVFAIL. */
  setReady(rank: number, { areZonesKnown, isClusterReady }: Readiness): void {
    this.#writer.setZonesKnown(areZonesKnown);
    this.#writer.setZoneReady(LOCAL_ZONE, areZonesKnown);
    this.#setZoneReady(clusterZone(rank), isClusterReady);
    this.#readiness[rank] = isClusterReady;
    if (this.#readiness.length === 1) return;
    const areAllReady = this.#readiness.every((each) => each === true);
    this.#setZoneReady(this.#reverseZone, areAllReady || (this.#readiness.some((each) => each !== false) && "in part"));
  }

  #setZoneReady(zone: number, isReady: boolean | "in part"): void {
    this.#writer.setZoneReady(zone, isReady);
    this.static.setClusterReady(zone, isReady === true);
  }

  /** Puts the apex of a reverse zone. */
  putApex({ apex, place, rank }: ReverseZone): void {
    const pointers = this.#apexPointers.get(nameKey(apex));
    const sets = [this.#members[rank]!.nameserverSet(), ...(pointers === undefined ? [] : [pointers])];
    writeRecords(this.#entry, { name: apex, sets }, place);
    this.layers.put(this.#entry);
  }

  /** Sets the PTR records at the apex of a reverse zone. */
  setApexPointers(zone: ReverseZone, pointers: AnswerRRset | undefined): void {
    if (pointers === undefined) this.#apexPointers.delete(nameKey(zone.apex));
    else this.#apexPointers.set(nameKey(zone.apex), pointers);
    this.putApex(zone);
  }

  /** Compiles the PTR records of an address: those of the first cluster that has it. */
  updatePointer(addressText: string): void {
    for (const { putPointer } of this.#members) if (putPointer(addressText)) return;
    const address = parseIp(addressText);
    if (address === undefined) return;
    const { name, atApexOf } = this.reverse.locate(address, this.#reverseZone);
    if (atApexOf === undefined) this.layers.remove(name);
    else this.setApexPointers(atApexOf, undefined);
  }
}
