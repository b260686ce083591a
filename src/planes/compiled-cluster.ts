// A cluster with its compiled names, and a server's answerer over them: for commands that ask questions without a
// socket. Opens nothing, forwards nothing.
import { buildAnswerer } from "../answer/answerer-data.ts";
import { HAND_OVER } from "../answer/answerer.ts";
import type { Answerer } from "../answer/answerer.ts";
import { newAnswerNote } from "../answer/answer-note.ts";
import type { AskedReply } from "../answer/asked-reply.ts";
import type { Client } from "../answer/client.ts";
import { Counters } from "../answer/counters.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ZoneCompiler } from "../compile/zone-compiler.ts";
import type { Options } from "../config/options.ts";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { expandWildcard, isForDns } from "../net/listen-address.ts";
import type { Problem } from "../objects/problem.ts";
import type { TableReader } from "../table/reader.ts";
import { TableWriter } from "../table/writer.ts";
import type { ChosenZones } from "../zonefile/choose-zones.ts";
import { accessSettings } from "./access-settings.ts";
import { forwardedDomains } from "./forwarded-domains.ts";
import { randomSeed } from "./random-seed.ts";

export class CompiledCluster {
  readonly cluster: Cluster;
  /** The names of the cluster, and of the zones that came with it. */
  readonly compiler: ZoneCompiler;
  readonly table: TableReader;
  readonly #answerer: Answerer;
  readonly #reply = new Uint8Array(MESSAGE_SIZE_MAX);

  /** Compiles all names of the cluster and zones. */
  constructor(cluster: Cluster, { zones, hosts }: Pick<ChosenZones, "zones" | "hosts">, options: Options) {
    this.cluster = cluster;
    let buffer: SharedArrayBuffer | undefined;
    const writer = new TableWriter([randomSeed(), randomSeed()], (next) => (buffer = next));
    this.compiler = new ZoneCompiler(cluster.registry, writer, options);
    const addresses = options.listen.filter(isForDns).flatMap(({ host }) => expandWildcard(host));
    this.compiler.setServerAddresses([...new Set(addresses)]);
    this.compiler.setStaticNames({ zones, hosts, forwarded: forwardedDomains(options) });
    this.compiler.update(
      [...cluster.registry.objects()].map((after) => ({ after })),
      1,
    );
    // Where there are zones of files, the names are in a new buffer until now.
    writer.publish();
    this.compiler.setReady({ areZonesKnown: true, isClusterReady: true });
    // Zones of files were written to a copy of the table.
    writer.publish();
    const { answerer, reader } = buildAnswerer({
      table: buffer!,
      settings: accessSettings(options),
      seed: randomSeed(),
      listener: 0,
      counters: new Counters().memory,
      handsOverAll: false,
    });
    this.table = reader;
    this.#answerer = answerer;
  }

  /** Why zones of files are not served. */
  get problems(): readonly Problem[] {
    return this.compiler.problems;
  }

  /** Asks as this client would. */
  ask(query: Uint8Array, client: Client): AskedReply {
    const note = newAnswerNote();
    const size = this.#answerer.answer(query, 0, query.length, this.#reply, 0, client, note);
    if (size === HAND_OVER) return "forwarded";
    return size === 0 ? "silence" : { reply: this.#reply.slice(0, size), note };
  }
}
