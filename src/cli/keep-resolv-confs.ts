// `cluster-dns resolv-conf --write DIR`: writes the resolv.conf files of all namespaces and pods, and updates them when
// the manifests or the node's file change, until a stop signal. Connects the source, the cluster and the folder.
import { unwatchFile, watchFile } from "node:fs";
import type { Problem } from "../objects/problem.ts";
import { formatProblem } from "../objects/problem.ts";
import type { SourceChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { NODE_RESOLV_CONF } from "../planes/read-resolv-conf.ts";
import { clusterNameservers, findKubeDns } from "../resolv-conf/cluster-nameservers.ts";
import { resolvConfFiles } from "../resolv-conf/resolv-conf-files.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { ConflictReporter } from "../planes/conflict-reporter.ts";
import { checkZones } from "../planes/load-cluster.ts";
import { openCluster } from "../planes/open-cluster.ts";
import { ManifestSource } from "../sources/manifests/manifest-source.ts";
import { SourceError } from "../files/source-error.ts";
import type { ZoneContents } from "../zonefile/choose-zones.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { writeProblems } from "./load-reported.ts";
import type { PodArguments } from "./pod-command.ts";
import { openMemory } from "../planes/open-memory.ts";
import { ResolvConfFolder } from "./resolv-conf-folder.ts";
import { readNodeResolvConf } from "./resolv-conf-input.ts";
import { untilStopSignal } from "./stop-signal.ts";
import { visible } from "../std/visible.ts";

const NODE_FILE_POLL_MS = 1_000;
/** How often files that could not be written are written again, and a removed folder is made again. */
const REPAIR_MS = 2_000;

/** The settings of `--write`. */
export interface KeepSettings {
  readonly folder: string;
  /** Write the files once and exit. */
  readonly once: boolean;
  /** Empty without `--nameserver`. */
  readonly nameservers: readonly string[];
  /** The value of `--node-resolv-conf`. */
  readonly nodeFile: string | undefined;
}

/** Resolves after a stop signal, or with `once` after the write: 0, or 1 if a file could not be written. */
export async function keepResolvConfs(
  parsed: PodArguments,
  settings: KeepSettings,
  io: CommandIo,
): Promise<number | Failure> {
  // Before the manifests load, so that a signal during the load ends the command too.
  const stopped = settings.once ? undefined : untilStopSignal();
  const node = await readNodeResolvConf(settings.nodeFile);
  if ("faults" in node) return node;
  const folder = await ResolvConfFolder.open(settings.folder);
  if ("fault" in folder) return { faults: [`--write: ${folder.fault}`], exitCode: 1 };
  const { cluster, problems } = await openCluster(parsed.options);
  const keeper = new Keeper(parsed, settings, io, folder, cluster);
  keeper.setProblems("state", problems);
  keeper.setNode(node);
  const { namespace } = parsed.options;
  const stdin = parsed.paths.includes("-") ? { stdin: io.stdin } : {};
  const { room } = openMemory(parsed.options);
  const source = new ManifestSource({ paths: parsed.paths, namespace, room, ...stdin });
  const loaded = source.start({
    change: (changes) => keeper.apply(changes),
    replaceZones: (contents) => keeper.setZones(contents),
    setProblems: (place, found) => keeper.setProblems(`source ${place}`, found),
    setStatus: () => undefined,
  });
  const nodeFile = settings.nodeFile ?? NODE_RESOLV_CONF;
  const readNode = (): void => void readNodeResolvConf(settings.nodeFile).then((read) => keeper.setNode(read));
  let repairing: NodeJS.Timeout | undefined;
  try {
    const ended = await Promise.race([loaded.then(() => "ready"), ...(stopped === undefined ? [] : [stopped])]);
    if (ended === undefined) return 0;
    const isWritten = await keeper.start();
    if (stopped === undefined) return isWritten ? 0 : 1;
    watchFile(nodeFile, { interval: NODE_FILE_POLL_MS }, readNode);
    repairing = setInterval(() => void keeper.repair(), REPAIR_MS);
    await stopped;
    return 0;
  } catch (error) {
    if (error instanceof SourceError) return { faults: [error.message], exitCode: 1 };
    throw error;
  } finally {
    clearInterval(repairing);
    unwatchFile(nodeFile, readNode);
    await source.close();
    await keeper.settled();
  }
}

class Keeper {
  readonly #parsed: PodArguments;
  readonly #settings: KeepSettings;
  readonly #io: CommandIo;
  readonly #folder: ResolvConfFolder;
  readonly #cluster: Cluster;
  readonly #conflicts: ConflictReporter;
  readonly #reported = new Map<string, ReadonlySet<string>>();
  #zones: ZoneContents = new Map();
  #node: ResolvConf = { nameservers: [], searches: [], options: [] };
  #isStarted = false;
  #isStale = false;
  #isWritten = true;
  #writing: Promise<void> | undefined;

  constructor(parsed: PodArguments, settings: KeepSettings, io: CommandIo, folder: ResolvConfFolder, cluster: Cluster) {
    this.#parsed = parsed;
    this.#settings = settings;
    this.#io = io;
    this.#folder = folder;
    this.#cluster = cluster;
    this.#conflicts = new ConflictReporter((conflicts) => this.setProblems("conflicts", conflicts));
  }

  /** Sets the result of reading the node's file. If it can't be read, the last version stays in use. */
  setNode(read: Awaited<ReturnType<typeof readNodeResolvConf>>): void {
    if ("faults" in read) return this.#reportFaults("node", read.faults);
    this.#reportFaults("node", []);
    this.setProblems("node-file", read.problems);
    this.#node = read.conf;
    this.#write();
  }

  apply(changes: readonly SourceChange[]): void {
    this.#cluster.apply(changes);
    this.setProblems("cluster", this.#cluster.controllerProblems());
    if (this.#isStarted) this.#conflicts.update(this.#cluster.conflicts());
    this.setZones(this.#zones);
    this.#write();
  }

  /** Reports the problems of zones as `serve` does, although a resolv.conf does not depend on them. */
  setZones(contents: ZoneContents): void {
    this.#zones = contents;
    this.setProblems("zones", checkZones(this.#cluster, contents, this.#parsed.options).problems);
  }

  /** Sets the current problems of `origin`, and reports the new ones among them. */
  setProblems(origin: string, problems: readonly Problem[]): void {
    const before = this.#reported.get(origin);
    writeProblems(
      this.#io,
      problems.filter((problem) => before?.has(formatProblem(problem)) !== true),
    );
    this.#reported.set(origin, new Set(problems.map(formatProblem)));
  }

  /** Writes all files, when all manifests are loaded; resolves with whether every file could be written. */
  async start(): Promise<boolean> {
    this.#isStarted = true;
    this.#conflicts.reportNow(this.#cluster.conflicts());
    this.#write();
    await this.#writing;
    return this.#isWritten;
  }

  /** Writes again what could not be written, or is not there any more. */
  async repair(): Promise<void> {
    if (!this.#isWritten || !(await this.#folder.isIntact())) this.#write();
  }

  async settled(): Promise<void> {
    this.#conflicts.close();
    await this.#writing;
  }

  #reportFaults(origin: string, faults: readonly string[]): void {
    const before = this.#reported.get(origin);
    for (const fault of faults) {
      if (before?.has(fault) !== true) this.#io.stderr.write(`cluster-dns resolv-conf: ${visible(fault)}\n`);
    }
    this.#reported.set(origin, new Set(faults));
  }

  /** Starts a write unless one is under way; changes during a write are written together after it. */
  #write(): void {
    this.#isStale = true;
    if (this.#isStarted) this.#writing ??= this.#writeUntilFresh();
  }

  async #writeUntilFresh(): Promise<void> {
    let isFirst = this.#reported.get("written") === undefined;
    while (this.#isStale) {
      this.#isStale = false;
      const { written, removed, faults } = await this.#folder.write(this.#files());
      this.#isWritten = faults.length === 0;
      this.#reportFaults("written", faults);
      if (isFirst || written + removed > 0) {
        this.#io.stdout.write(`${visible(this.#settings.folder)}: ${written} written, ${removed} removed\n`);
      }
      isFirst = false;
    }
    this.#writing = undefined;
  }

  #files(): ReadonlyMap<string, string> {
    const { options } = this.#parsed;
    const objects = [...this.#cluster.registry.objects()];
    const cluster = clusterNameservers(this.#settings.nameservers, options.listen, findKubeDns(objects));
    const { files, warnings } = resolvConfFiles(objects, {
      clusterDomain: options.clusterDomain,
      clusterNameservers: cluster.nameservers,
      node: this.#node,
    });
    this.setProblems("files", [...cluster.warnings, ...warnings]);
    return files;
  }
}
