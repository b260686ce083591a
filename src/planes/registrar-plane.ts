// Composition root of the registrar: a control plane without sockets, whose records go into etcd. Joins the sources,
// the compiled names, their list and the registrar; lists the names again after changes, and never so often that it
// does little else.
import type { Options } from "../config/options.ts";
import type { EtcdClient } from "../etcd/etcd-client.ts";
import type { Logger } from "../observe/log.ts";
import { ProblemLog } from "../observe/problem-log.ts";
import { skyDnsDirectory, skyDnsEntries } from "../records/format-skydns.ts";
import { listRecords } from "../records/list-records.ts";
import { Registrar } from "../registrar/registrar.ts";
import { ProgramSource } from "../sources/program/program-source.ts";
import { TableReader } from "../table/reader.ts";
import { clusterFeeds } from "./cluster-feeds.ts";
import { ControlPlane } from "./control-plane.ts";
import { firstSources } from "./first-sources.ts";
import type { FirstInput } from "./first-sources.ts";
import { openMemory } from "./open-memory.ts";
import type { ClusterFeed } from "./served-cluster.ts";
import { newTableWriter, TableBuffer } from "./table-buffer.ts";

/** Where registrars agree: not below the prefix, where servers look for records. */
const PLACE = "/cluster-dns/register";
/** From a change to the list, at least; and how many times as long as a list took, until the next one. */
const LIST_DELAY_MS = 10;
const LIST_REST = 4;

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
  readonly #options: Options;
  readonly #registrar: Registrar;
  readonly #table = new TableBuffer();
  #control: ControlPlane | undefined;
  /** All sources have been read: what the table lacks is not there. */
  #isLoaded = false;
  #listing: NodeJS.Timeout | undefined;
  #listedMs = 0;
  #leftOut = 0;

  constructor(options: Options, input: RegistrarInput) {
    const { room } = openMemory(options);
    const { etcd, prefix, leaseSeconds, name, log } = input;
    this.#input = input;
    this.#options = options;
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
      table: newTableWriter(this.#options, (buffer) => this.#table.replace(buffer)),
      // The records are not this process's to answer.
      serverAddresses: [],
      onZonesPublished: () => undefined,
      onPublished: () => this.#schedule(),
    });
    await this.#control.start();
    this.#isLoaded = true;
    this.#list();
  }

  /** Reads files of the input again that may have changed without notice. */
  async reload(): Promise<void> {
    await Promise.all(this.#feeds.flatMap(({ sources }) => sources.map((source) => source.refresh?.())));
  }

  /** Stops; the records stay in etcd until another registrar changes them or their lease ends. */
  async close(): Promise<void> {
    await Promise.all(this.#feeds.flatMap(({ sources }) => sources.map((source) => source.close())));
    await this.#control?.close();
    clearTimeout(this.#listing);
    await this.#registrar.close();
  }

  #schedule(): void {
    if (!this.#isLoaded) return;
    this.#listing ??= setTimeout(() => this.#list(), Math.max(LIST_DELAY_MS, LIST_REST * this.#listedMs));
  }

  #list(): void {
    const startedAtMs = performance.now();
    this.#listing = undefined;
    const list = listRecords(new TableReader(this.#table.current));
    const { values, leftOut } = skyDnsEntries(list, this.#input.prefix);
    if (leftOut.length !== this.#leftOut)
      this.#input.log.warn({ records: leftOut.length }, "records that SkyDNS's layout can't say are left out");
    this.#leftOut = leftOut.length;
    this.#registrar.setWanted(values);
    this.#listedMs = performance.now() - startedAtMs;
  }
}
