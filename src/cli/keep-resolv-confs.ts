// `cluster-dns resolv-conf --write DIR`: keeps the resolv.conf files of all namespaces and pods as manifests and
// the node's own file say, until a stop signal. Joins sources, controllers and folder; makes no text of a file itself.
import { unwatchFile, watchFile } from "node:fs";
import { manifestControllers } from "../cluster/controllers/manifest-controllers.ts";
import { duplicateObject } from "../objects/duplicate-object.ts";
import type { Problem } from "../objects/problem.ts";
import { formatProblem } from "../objects/problem.ts";
import { Registry } from "../cluster/registry.ts";
import { resolvConfFiles } from "../resolv-conf/resolv-conf-files.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { watchManifests } from "../sources/manifests/manifests.ts";
import { SourceError } from "../files/source-error.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure, PodArguments } from "./pod-command.ts";
import { writeProblems } from "./pod-command.ts";
import { ResolvConfFolder } from "./resolv-conf-folder.ts";
import { clusterNameservers, findKubeDns, NODE_RESOLV_CONF, readNodeResolvConf } from "./resolv-conf-input.ts";
import { untilStopSignal } from "./stop-signal.ts";

const NODE_FILE_POLL_MS = 1_000;

/** What the command was asked for. */
export interface KeepSettings {
  readonly folder: string;
  /** Write and end. */
  readonly once: boolean;
  /** Empty where none was named. */
  readonly nameservers: readonly string[];
  /** The file of `--node-resolv-conf`. */
  readonly nodeFile: string | undefined;
}

/** Resolves after a stop signal or, with `once`, when all is written: 0, or 1 where a file could not be written. */
export async function keepResolvConfs(
  parsed: PodArguments,
  settings: KeepSettings,
  io: CommandIo,
): Promise<number | Failure> {
  // Before the start: a signal that comes while manifests load must end the command as well.
  const stopped = settings.once ? undefined : untilStopSignal();
  const node = await readNodeResolvConf(settings.nodeFile);
  if ("faults" in node) return node;
  const folder = await ResolvConfFolder.open(settings.folder);
  if ("fault" in folder) return { faults: [`--write: ${folder.fault}`], exitCode: 1 };
  const keeper = new Keeper(parsed, settings, io, folder);
  keeper.setNode(node);
  const stdin = parsed.paths.includes("-") ? { stdin: io.stdin } : {};
  const source = watchManifests({
    paths: parsed.paths,
    namespace: parsed.options.namespace,
    ...stdin,
    onChange: (changes) => keeper.apply(changes),
    onProblems: (origin, problems) => keeper.tell(origin, problems),
  });
  const nodeFile = settings.nodeFile ?? NODE_RESOLV_CONF;
  const readNode = (): void => void readNodeResolvConf(settings.nodeFile).then((read) => keeper.setNode(read));
  try {
    const ended = await Promise.race([source.ready.then(() => "ready"), ...(stopped === undefined ? [] : [stopped])]);
    if (ended === undefined) return 0;
    const isWritten = await keeper.start();
    if (stopped === undefined) return isWritten ? 0 : 1;
    watchFile(nodeFile, { interval: NODE_FILE_POLL_MS }, readNode);
    await stopped;
    return 0;
  } catch (error) {
    if (error instanceof SourceError) return { faults: [error.message], exitCode: 1 };
    throw error;
  } finally {
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
  readonly #registry = new Registry();
  readonly #loop;
  readonly #told = new Map<string, ReadonlySet<string>>();
  #node: ResolvConf = { nameservers: [], searches: [], options: [] };
  #isStarted = false;
  #isStale = false;
  #isWritten = true;
  #writing: Promise<void> | undefined;

  constructor(parsed: PodArguments, settings: KeepSettings, io: CommandIo, folder: ResolvConfFolder) {
    this.#parsed = parsed;
    this.#settings = settings;
    this.#io = io;
    this.#folder = folder;
    this.#loop = manifestControllers(this.#registry, parsed.options).loop;
  }

  /** The node's file as it was read; one that can't be read leaves the last one in force. */
  setNode(read: Awaited<ReturnType<typeof readNodeResolvConf>>): void {
    if ("faults" in read) return this.#tellFaults("node", read.faults);
    this.#tellFaults("node", []);
    this.tell("node-file", read.problems);
    this.#node = read.conf;
    this.#write();
  }

  apply(changes: Parameters<Registry["apply"]>[0]): void {
    this.#loop.apply(changes);
    this.tell("controllers", this.#loop.problems());
    this.#write();
  }

  /** Tells those of `problems`, all that `origin` has now, that it did not have before. */
  tell(origin: string, problems: readonly Problem[]): void {
    const before = this.#told.get(origin);
    writeProblems(
      this.#io,
      problems.filter((problem) => before?.has(formatProblem(problem)) !== true),
    );
    this.#told.set(origin, new Set(problems.map(formatProblem)));
  }

  /** Writes for the first time, when all manifests are there; resolves with whether every file could be written. */
  async start(): Promise<boolean> {
    this.#isStarted = true;
    for (const conflict of this.#registry.conflicts()) {
      const [first, ...others] = conflict.objects;
      if (first !== undefined)
        writeProblems(
          this.#io,
          others.map((other) => duplicateObject(first, other)),
        );
    }
    this.#write();
    await this.#writing;
    return this.#isWritten;
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  #tellFaults(origin: string, faults: readonly string[]): void {
    const before = this.#told.get(origin);
    for (const fault of faults) {
      if (before?.has(fault) !== true) this.#io.stderr.write(`cluster-dns resolv-conf: ${fault}\n`);
    }
    this.#told.set(origin, new Set(faults));
  }

  /** One write at a time; what changes meanwhile is written together after it. */
  #write(): void {
    this.#isStale = true;
    if (this.#isStarted) this.#writing ??= this.#writeUntilFresh();
  }

  async #writeUntilFresh(): Promise<void> {
    let isFirst = this.#told.get("written") === undefined;
    while (this.#isStale) {
      this.#isStale = false;
      const { written, removed, faults } = await this.#folder.write(this.#files());
      this.#isWritten = faults.length === 0;
      this.#tellFaults("written", faults);
      if (isFirst || written + removed > 0) {
        this.#io.stdout.write(`${this.#settings.folder}: ${written} written, ${removed} removed\n`);
      }
      isFirst = false;
    }
    this.#writing = undefined;
  }

  #files(): ReadonlyMap<string, string> {
    const { options } = this.#parsed;
    const objects = [...this.#registry.objects()];
    const cluster = clusterNameservers(this.#settings.nameservers, options.listen, findKubeDns(objects));
    const { files, warnings } = resolvConfFiles(objects, {
      clusterDomain: options.clusterDomain,
      clusterNameservers: cluster.nameservers,
      node: this.#node,
    });
    this.tell("files", [...cluster.warnings, ...warnings]);
    return files;
  }
}
