// The nameservers of a resolv.conf as upstreams. The file is followed; a version of it without a usable nameserver is
// reported and changes nothing.
import { parseUpstream } from "../config/upstream-value.ts";
import { followFiles } from "../files/followed-files.ts";
import type { FollowedFiles } from "../files/followed-files.ts";
import { SourceError } from "../files/source-error.ts";
import type { Upstream } from "../net/upstream.ts";
import type { Logger } from "../observe/log.ts";
import { parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import { ReloadCounts } from "../std/reload-counts.ts";

/** Nameservers that are used, the first ones; the C library takes three. */
const NAMESERVERS_MAX = 15;
/** The file that is followed by default. */
const SYSTEM_FILE = "/etc/resolv.conf";
/** For who has no upstream left: a stub such as systemd-resolved keeps those of the network in a file of its own. */
export const NO_UPSTREAM_ADVICE =
  "name the resolver of the network with --upstream ADDRESS, or the file that lists it: with systemd-resolved " +
  "--upstream /run/systemd/resolve/resolv.conf";
/** Faults of one version of the file that are reported. */
const REPORTED_FAULTS_MAX = 3;

export interface NameserverFileSettings {
  readonly path: string;
  readonly log: Logger;
  /** Whether an upstream is this server itself. */
  readonly isOwn: (upstream: Upstream) => boolean;
  /** Called when the upstreams have changed. */
  readonly onChange: () => void;
}

export class NameserverFile {
  /** Of changes of the file. */
  readonly reloads = new ReloadCounts();
  readonly #settings: NameserverFileSettings;
  #file: FollowedFiles | undefined;
  #upstreams: readonly Upstream[] = [];
  #isRotating = false;

  constructor(settings: NameserverFileSettings) {
    this.#settings = settings;
  }

  /** The upstreams that the file lists, this server itself included. */
  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  /** Whether the file wants them in turn, not in order. */
  get isRotating(): boolean {
    return this.#isRotating;
  }

  /** Reads the file and follows it; rejects with a `SourceError` when a file other than the system's can't be read. */
  async open(): Promise<void> {
    const { path, log, onChange } = this.#settings;
    try {
      this.#file = await followFiles([path], ([text]) => {
        const taken = this.#take(text!);
        this.reloads.record(taken !== "kept", Date.now());
        if (taken === "changed") onChange();
      });
    } catch (error) {
      // A system without this file has no upstreams, which is no fault.
      if (!(error instanceof SourceError) || path !== SYSTEM_FILE) throw error;
      log.warn({ file: path }, "can't be read: names outside the local zones are refused");
      return;
    }
    this.#take(this.#file.texts[0]!);
  }

  /** Reads the file again; what is wrong with it is logged, and changes nothing. */
  async reload(): Promise<void> {
    const { log } = this.#settings;
    await this.#file
      ?.reread()
      .catch((error: Error) => log.warn(`${error.message}; the nameservers before stay in use`));
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** Takes the file's text; `kept`: it has no upstream, and the previous ones stay in use. */
  #take(text: string): "changed" | "same" | "kept" {
    const { path: file, log, isOwn } = this.#settings;
    const { upstreams, isRotating, faults } = parseNameservers(text, file);
    if (faults.length > 0)
      log.warn({ file, faults: faults.slice(0, REPORTED_FAULTS_MAX) }, "lists nameservers that can't be used");
    if (upstreams.every(isOwn)) {
      const what = `lists no ${upstreams.length === 0 ? "usable nameserver" : "nameserver but this server itself"}`;
      if (this.#upstreams.length === 0) log.warn({ file, advice: NO_UPSTREAM_ADVICE }, what);
      else log.warn({ file }, `${what}; the previous ones stay in use`);
      return "kept";
    }
    const textOf = (list: readonly Upstream[]): string => list.map((each) => each.text).join();
    const isChanged = textOf(upstreams) !== textOf(this.#upstreams) || isRotating !== this.#isRotating;
    this.#upstreams = upstreams;
    this.#isRotating = isRotating;
    return isChanged ? "changed" : "same";
  }
}

/** What a resolv.conf says of upstreams. */
interface Nameservers {
  readonly upstreams: readonly Upstream[];
  readonly isRotating: boolean;
  readonly faults: readonly string[];
}

function parseNameservers(text: string, file: string): Nameservers {
  const { conf, problems } = parseResolvConf(text, file);
  const upstreams: Upstream[] = [];
  const faults = problems.map(({ message }) => message);
  const usesTcp = conf.options.includes("use-vc");
  for (const nameserver of conf.nameservers.slice(0, NAMESERVERS_MAX)) {
    const parsed = parseUpstream(nameserver);
    if ("value" in parsed) upstreams.push(usesTcp ? overTcp(parsed.value) : parsed.value);
    else faults.push(`${nameserver} ${parsed.fault}`);
  }
  return { upstreams, isRotating: conf.options.includes("rotate"), faults };
}

function overTcp(upstream: Upstream): Upstream {
  if (upstream.protocol !== "udp") return upstream;
  return { ...upstream, protocol: "tcp", text: `tcp://${upstream.text}` };
}
