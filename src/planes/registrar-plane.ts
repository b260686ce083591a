// Composition root of the registrar: a control plane without sockets, whose records go into etcd. Joins the sources,
// the compiled names, their keys and the registrar, which gets what each publication has changed.
import type { Options } from "../config/options.ts";
import type { EtcdClient } from "../etcd/etcd-client.ts";
import type { Logger } from "../observe/log.ts";
import { ProblemLog } from "../observe/problem-log.ts";
import { skyDnsDirectory } from "../records/format-skydns.ts";
import { SkyDnsKeys } from "../records/skydns-keys.ts";
import { Registrar } from "../registrar/registrar.ts";
import { ProgramSource } from "../sources/program/program-source.ts";
import { TableReader } from "../table/reader.ts";
import { RecordedWriter } from "../table/recorded-writer.ts";
import { clusterFeeds } from "./cluster-feeds.ts";
import { ControlPlane } from "./control-plane.ts";
import { firstSources } from "./first-sources.ts";
import type { FirstInput } from "./first-sources.ts";
import { openMemory } from "./open-memory.ts";
import { randomSeed } from "./random-seed.ts";
import type { ClusterFeed } from "./served-cluster.ts";

/** Where registrars agree: not below the prefix, where servers look for records. */
const PLACE = "/cluster-dns/register";
/** What the registrar reads and where it writes. */
export interface RegistrarInput extends Pick<FirstInput, "paths" | "stdin" | "sources"> {
  readonly etcd: EtcdClient;
  /** What all keys begin with, such as `/skydns`. */
  readonly prefix: string;
  /** How long the records last when no registrar keeps them. */
  readonly leaseSeconds: number;
  /** Tells this registrar from others in their logs. */
  readonly name: string;
  readonly log: Logger;
}

export class RegistrarPlane {
  readonly #input: RegistrarInput;
  readonly #feeds: readonly ClusterFeed[];
  readonly #registrar: Registrar;
  readonly #table: RecordedWriter;
  readonly #keys: SkyDnsKeys;
  #reader: TableReader | undefined;
  #control: ControlPlane | undefined;
  /** All sources have been read: what the table lacks is not there. */
  #isLoaded = false;
  #leftOut = 0;

  constructor(options: Options, input: RegistrarInput) {
    const { room } = openMemory(options);
    const { etcd, prefix, leaseSeconds, name, log } = input;
    this.#input = input;
    this.#keys = new SkyDnsKeys(prefix);
    this.#table = new RecordedWriter([randomSeed(), randomSeed()], (buffer) => {
      this.#reader = new TableReader(buffer);
    });
    const program = new ProgramSource([], options.namespace, room);
    this.#feeds = clusterFeeds(options, firstSources(options, input, program, room), room);
    const domains = this.#feeds.map((feed) => feed.options.clusterDomain).join();
    const place = `${PLACE}${prefix}/${domains}`;
    this.#registrar = new Registrar({ etcd, prefix, place, name, leaseSeconds, directoryOf: skyDnsDirectory, log });
  }

  /** Resolves when the sources have been read; what they hold is written from then on. Rejects with a `SourceError`. */
  async start(): Promise<void> {
    const { log } = this.#input;
    this.#control = await ControlPlane.open(this.#feeds, {
      problems: new ProblemLog(log),
      log,
      table: this.#table,
      // The records are not this process's to answer.
      serverAddresses: [],
      onZonesPublished: () => undefined,
      onPublished: () => this.#register(),
    });
    await this.#control.start();
    this.#isLoaded = true;
    this.#register();
  }

  /** Reads files of the input again that may have changed without notice. */
  async reload(): Promise<void> {
    await Promise.all(this.#feeds.flatMap(({ sources }) => sources.map((source) => source.refresh?.())));
  }

  /** Stops; the records stay in etcd until another registrar changes them or their lease ends. */
  async close(): Promise<void> {
    await Promise.all(this.#feeds.flatMap(({ sources }) => sources.map((source) => source.close())));
    await this.#control?.close();
    await this.#registrar.close();
  }

  #register(): void {
    if (!this.#isLoaded) return;
    this.#registrar.change(this.#keys.update(this.#reader!, this.#table.takeChanged()));
    const { leftOut } = this.#keys;
    if (leftOut !== this.#leftOut)
      this.#input.log.warn({ records: leftOut }, "records that SkyDNS's layout can't say are left out");
    this.#leftOut = leftOut;
  }
}
