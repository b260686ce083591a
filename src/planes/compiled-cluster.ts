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
import { HEADER_SIZE, MESSAGE_SIZE_MAX, TYPE } from "../dns/constants.ts";
import { questionEnd, readSections } from "../dns/message.ts";
import { readName } from "../dns/name.ts";
import { expandWildcard, isForDns } from "../net/listen-address.ts";
import type { Problem } from "../objects/problem.ts";
import type { TableReader } from "../table/reader.ts";
import type { ChosenZones } from "../zonefile/choose-zones.ts";
import { accessSettings } from "./access-settings.ts";
import { forwardedDomains } from "./forwarded-domains.ts";
import { NamesOnDemand } from "./names-on-demand.ts";
import { randomSeed } from "./random-seed.ts";
import { newTableWriter, TableBuffer } from "./table-buffer.ts";

export class CompiledCluster {
  readonly cluster: Cluster;
  /** The names of the cluster, and of the zones that came with it. */
  readonly compiler: ZoneCompiler;
  readonly table: TableReader;
  readonly #answerer: Answerer;
  readonly #names: NamesOnDemand;
  readonly #reply = new Uint8Array(MESSAGE_SIZE_MAX);

  /** Compiles all names of the cluster and zones; with `isOnDemand`, the table has only those that were asked for. */
  constructor(
    cluster: Cluster,
    { zones, hosts }: Pick<ChosenZones, "zones" | "hosts">,
    options: Options,
    { isOnDemand = false } = {},
  ) {
    this.cluster = cluster;
    const table = new TableBuffer();
    const writer = newTableWriter(options, (next) => table.replace(next));
    this.compiler = new ZoneCompiler(cluster.registry, writer, options);
    const addresses = options.listen.filter(isForDns).flatMap(({ host }) => expandWildcard(host));
    this.compiler.setServerAddresses([...new Set(addresses)]);
    this.compiler.setStaticNames({ zones, hosts, forwarded: forwardedDomains(options) });
    this.#names = new NamesOnDemand(cluster.registry, this.compiler);
    // Names of the cluster decide which zones are served, and rewrite rules what is asked.
    const maySkip = zones.length === 0 && hosts.numbers.length === 0 && options.rewriteRules.length === 0;
    if (!isOnDemand || !maySkip) this.#names.compileAll();
    this.compiler.setReady({ areZonesKnown: true, isClusterReady: true });
    // Zones of files were written to a copy of the table.
    writer.publish();
    const { answerer, reader } = buildAnswerer({
      table: table.current,
      settings: accessSettings(options),
      seed: randomSeed(),
      listener: 0,
      counters: new Counters().memory,
      handsOverAll: false,
    });
    this.table = reader;
    table.subscribe((next) => reader.attach(next));
    this.#answerer = answerer;
  }

  /** Why zones of files are not served. */
  get problems(): readonly Problem[] {
    return this.compiler.problems;
  }

  /** Asks as this client would. */
  ask(query: Uint8Array, client: Client): AskedReply {
    const name = readName(query, HEADER_SIZE);
    if (name !== undefined) this.#names.compileFor(name);
    for (;;) {
      const asked = this.#ask(query, client);
      if (typeof asked === "string" || !beginsWithAlias(asked.reply)) return asked;
      const aliases = readSections(asked.reply).answer.filter(({ type }) => type === TYPE.CNAME);
      // Each turn compiles a service that was not there, so they end.
      if (!aliases.map(({ rdata }) => this.#names.compileFor(rdata)).includes(true)) return asked;
    }
  }

  #ask(query: Uint8Array, client: Client): AskedReply {
    const note = newAnswerNote();
    const size = this.#answerer.answer(query, 0, query.length, this.#reply, 0, client, note);
    if (size === HAND_OVER) return "forwarded";
    return size === 0 ? "silence" : { reply: this.#reply.slice(0, size), note };
  }
}

/** Whether the first record of the answer section is a CNAME; its owner name is a pointer to the question. */
function beginsWithAlias(reply: Uint8Array): boolean {
  if (reply[6] === 0 && reply[7] === 0) return false;
  const at = questionEnd(reply);
  return ((reply[at + 2]! << 8) | reply[at + 3]!) === TYPE.CNAME;
}
