// One fault done to one server: its folder, cluster, upstreams behind fault proxies, and the server under load. Gathers
// what the prober counted and what the fault found, and makes the row of it. Ends all that it started.
import { mkdirSync, rmSync } from "node:fs";
import { startApiServer } from "../../bench/start-api-server.ts";
import { delay, Processes, waitFor } from "../../bench/processes.ts";
import { POD_CIDR } from "../../bench/cluster.ts";
import { LAUNCHER } from "../support/process.ts";
import { rightAnswer, ScriptedUpstream } from "../support/scripted-upstream.ts";
import type { Message } from "../support/wire.ts";
import { askOnce } from "./ask-once.ts";
import { writeCorefile } from "./corefile.ts";
import type { CorefileSettings } from "./corefile.ts";
import { FaultCluster } from "./fault-cluster.ts";
import { FaultProxy } from "./fault-proxy.ts";
import type { Fault, Row } from "./fault.ts";
import { gistOf, Prober, quantile, sumOf, totalOf } from "./prober.ts";
import type { ProberSettings, ProbeQuestion, Tally } from "./prober.ts";
import { freeServerPort } from "./ports.ts";
import { Subject } from "./subject.ts";
import type { Resources, ServerName, SubjectSettings } from "./subject.ts";

/** How a trial's server is started. */
export interface StartSettings {
  /** Further arguments of `serve`; ours alone. */
  readonly args?: readonly string[];
  /** Paths that are served (default: the folder of the trial's manifests). */
  readonly paths?: readonly string[];
  /** What starts the server, in front of its own command. */
  readonly wrap?: readonly string[];
  readonly cwd?: string;
  readonly stdio?: SubjectSettings["stdio"];
  /** How many upstreams (default 1). */
  readonly upstreams?: number;
  /** Services of the cluster (default 100). */
  readonly services?: number;
  /** What CoreDNS has beside the usual plugins, ours in `args`. */
  readonly corefile?: Partial<CorefileSettings>;
}

/** How a server is put under load. */
export type LoadSettings = Partial<ProberSettings> & {
  readonly baselineMs?: number;
  readonly afterMs?: number;
};

/** What the prober counted before, during and after. */
export interface Phases {
  readonly baseline: Tally;
  readonly during: Tally;
  readonly after: Tally;
}

/** What a fault may cost. */
export interface Allowance {
  readonly wrong?: number;
  readonly lost?: number;
  /** SERVFAIL and REFUSED for names of the cluster. */
  readonly failed?: number;
  /** The same for names of the upstream. */
  readonly forwardedFailed?: number;
}

const DEFAULT_SERVICES = 100;
const ASK_TIMEOUT_MS = 5_000;
const PHASE_MS = { short: 700, long: 60_000 } as const;
const POLL_MS = 5;
const LINES_A_SECOND_MAX = 1;
const LINES_SPARE = 12;

export class Trial {
  readonly fault: Fault;
  readonly server: ServerName;
  readonly isLong: boolean;
  readonly folder: string;
  /** The folder that is served. */
  readonly manifests: string;
  readonly processes = new Processes();
  readonly proxies: FaultProxy[] = [];
  cluster = new FaultCluster(1);
  /** Time to converge, milliseconds. */
  tookMs: number | undefined;
  note: string | undefined;
  /** What a fault may cost; set before the row is made. */
  allowance: Allowance = {};
  /** Whether the fault ends the server. */
  endsServer = false;
  readonly #complaints: string[] = [];
  readonly #times: { readonly ms: number; readonly limitMs: number }[] = [];
  readonly #tallies: Tally[] = [];
  readonly #closers: (() => Promise<void> | void)[] = [];
  #before: Resources | undefined;
  #after: Resources | undefined;
  #upstream: ScriptedUpstream | undefined;
  #subject: Subject | undefined;
  #loadMs = 0;
  readonly #startedMs = performance.now();

  constructor(fault: Fault, server: ServerName, folder: string, isLong: boolean) {
    this.fault = fault;
    this.server = server;
    this.folder = folder;
    this.isLong = isLong;
    this.manifests = `${folder}/manifests`;
  }

  /** The short time, or the specification's where the run is long. */
  pick<T>(short: T, long: T): T {
    return this.isLong ? long : short;
  }

  get subject(): Subject {
    if (this.#subject === undefined) throw new Error("no server was started");
    return this.#subject;
  }

  get upstream(): ScriptedUpstream {
    if (this.#upstream === undefined) throw new Error("no upstream was started");
    return this.#upstream;
  }

  /** The first upstream's proxy. */
  get proxy(): FaultProxy {
    return this.proxies[0]!;
  }

  /** Writes the cluster, opens the upstreams and starts the server; resolves when it answers. */
  async start(settings: StartSettings = {}): Promise<void> {
    await this.prepare(settings);
    await this.startServer(settings);
  }

  /** All but the server. */
  async prepare({ upstreams = 1, services = DEFAULT_SERVICES }: StartSettings = {}): Promise<void> {
    this.cluster = new FaultCluster(services);
    if (this.server === "ours") this.cluster.write(this.manifests);
    mkdirSync(this.folder, { recursive: true });
    this.#upstream = await ScriptedUpstream.open(({ query }) => [{ bytes: rightAnswer(query) }]);
    for (let n = 0; n < upstreams; n++) {
      this.proxies.push(await FaultProxy.open({ host: "127.0.0.1", port: this.#upstream.port }));
    }
  }

  /** Starts a server on the trial's port, beside one that may run; resolves when it answers, with the time it took. */
  async startServer(settings: StartSettings = {}, port?: number): Promise<number> {
    const endpoint = { host: "127.0.0.1", port: port ?? (await freeServerPort()) };
    const command = await this.#commandOf(settings, endpoint.port);
    const { wrap = [], cwd, stdio } = settings;
    const startedMs = performance.now();
    this.#subject = await Subject.start(this.processes, {
      command: [...wrap, ...command] as [string, ...string[]],
      endpoint,
      ...(cwd !== undefined && { cwd }),
      ...(stdio !== undefined && { stdio }),
    });
    const last = this.cluster.known.at(-1)!;
    await this.#subject.untilReady(async () => (await this.ask(last, 200)) === last.right[0]);
    return performance.now() - startedMs;
  }

  async #commandOf(settings: StartSettings, port: number): Promise<readonly string[]> {
    if (this.server === "coredns") {
      const api = await startApiServer(this.cluster.services);
      this.#closers.push(() => api.close());
      const upstreams = this.proxies.map(({ address }) => address);
      const path = writeCorefile(this.folder, { port, apiUrl: api.url, upstreams, ...settings.corefile });
      return [process.env["COREDNS"] ?? "coredns", "-conf", path];
    }
    const { paths = [this.manifests], args = [] } = settings;
    const upstreams = this.proxies.flatMap(({ address }) => ["--upstream", address]);
    const hasUpstream = args.includes("--upstream");
    const fixed = ["--listen", `127.0.0.1:${port}`, "--pod-cidr", POD_CIDR, ...(hasUpstream ? [] : upstreams)];
    return [LAUNCHER, "serve", ...paths, ...fixed, ...args];
  }

  /** Asks at a steady rate before, during and after what `inject` does. */
  async load(inject: (prober: Prober) => Promise<void>, settings: LoadSettings = {}): Promise<Phases> {
    const phaseMs = this.pick(PHASE_MS.short, PHASE_MS.long);
    const { baselineMs = phaseMs, afterMs = phaseMs, ...rest } = settings;
    const startedMs = performance.now();
    const prober = await Prober.open(this.subject.endpoint, { next: this.cluster.next, ...rest });
    const phases: Partial<Record<keyof Phases, Tally>> = {};
    try {
      phases.baseline = prober.phase();
      await delay(baselineMs);
      this.#before ??= this.subject.resources();
      phases.during = prober.phase();
      await inject(prober);
      phases.after = prober.phase();
      await delay(this.endsServer ? 0 : afterMs);
    } finally {
      await prober.stop();
      this.#tallies.push(...Object.values(phases));
      this.#loadMs += performance.now() - startedMs;
    }
    if (!this.endsServer) this.#after = this.subject.resources();
    return phases as Phases;
  }

  /** The gist of the reply, `no reply` where none comes in time. */
  async ask(question: Pick<ProbeQuestion, "name" | "type">, timeoutMs = ASK_TIMEOUT_MS): Promise<string> {
    const reply = await this.askMessage(question, timeoutMs);
    return reply === undefined ? "no reply" : gistOf(reply);
  }

  /** The reply; undefined where none comes in time. */
  askMessage(question: Pick<ProbeQuestion, "name" | "type">, timeoutMs = ASK_TIMEOUT_MS): Promise<Message | undefined> {
    return askOnce(this.subject.endpoint, question, timeoutMs);
  }

  /** Waits until the answer is this one; the time it took, or a complaint when it does not come. */
  async until(question: ProbeQuestion, right: string, withinMs: number): Promise<number> {
    const startedMs = performance.now();
    let said = "";
    const check = async (): Promise<true | undefined> => {
      said = await this.ask(question, 500);
      return said === right ? true : undefined;
    };
    try {
      while ((await check()) !== true) {
        if (performance.now() - startedMs > withinMs) throw new Error(said);
        await delay(POLL_MS);
      }
    } catch {
      this.complain(`${question.name} is not ${right} within ${withinMs} ms, but ${said}`);
    }
    return performance.now() - startedMs;
  }

  /** Waits until a line of the log has this; a complaint when none comes. */
  async untilLogged(pattern: RegExp, withinMs = 5_000): Promise<void> {
    const find = (): Promise<true | undefined> =>
      Promise.resolve(this.subject.lines.some((line) => pattern.test(line)) ? true : undefined);
    await waitFor(find, withinMs, () => "").catch(() => this.complain(`no line of the log has ${pattern}`));
  }

  /** Notes the time to converge, the longest of several, which has a limit. */
  converged(ms: number, limitMs: number): void {
    this.tookMs = Math.max(this.tookMs ?? 0, ms);
    this.#times.push({ ms, limitMs });
  }

  expect(condition: boolean, complaint: string): void {
    if (!condition) this.complain(complaint);
  }

  complain(text: string): void {
    if (!this.#complaints.includes(text)) this.#complaints.push(text);
  }

  /** What is done at the end, last first. */
  defer(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Ends all that was started. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    await this.processes.stopAll();
    for (const proxy of this.proxies) await proxy.closePort();
    await this.#upstream?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The row of the fault, from what was counted and found. */
  row(): Row {
    const tally = sumOf(this.#tallies);
    const failed = tally.failed.known + tally.failed.missing;
    // Where a fault may make the cluster's names fail, that is no wrong answer.
    const mayFail = this.allowance.failed !== undefined;
    const lost = totalOf(tally.lost);
    this.#judge(tally, lost);
    const { latencies } = tally;
    const cluster = quantile([...latencies.known, ...latencies.missing], 0.99);
    return {
      id: this.fault.id,
      server: this.server,
      title: this.fault.title,
      pass: this.#complaints.length === 0,
      W: tally.wrong + (mayFail ? 0 : failed),
      L: lost,
      S: tally.failed.forwarded + (mayFail ? failed : 0),
      ...(this.tookMs !== undefined && { T: Math.round(this.tookMs) }),
      ...(this.#before !== undefined && this.#after !== undefined && { R: growth(this.#before, this.#after) }),
      seconds: round((performance.now() - this.#startedMs) / 1000),
      sent: tally.sent,
      p99: [round(cluster), round(quantile(latencies.forwarded, 0.99))],
      lag: round(tally.lagMs),
      ...(this.#complaints.length > 0 && { faults: this.#complaints }),
      ...(this.note !== undefined && { note: this.note }),
    };
  }

  #judge(tally: Tally, lost: number): void {
    const { allowance } = this;
    // A time that the prober was late by is not the server's.
    for (const { ms, limitMs } of this.#times) {
      this.expect(ms <= limitMs + tally.lagMs, `it took ${Math.round(ms)} ms, more than ${limitMs}`);
    }
    const limit = (what: string, count: number, most = 0): void => {
      if (count > most) this.complain(`${count} ${what}, at most ${most}: ${tally.examples.slice(0, 2).join("; ")}`);
    };
    limit("wrong", tally.wrong, allowance.wrong);
    limit("failed for the cluster's names", tally.failed.known + tally.failed.missing, allowance.failed);
    limit("failed for the upstream's names", tally.failed.forwarded, allowance.forwardedFailed);
    limit("lost", lost, allowance.lost);
    if (this.#subject !== undefined && !this.endsServer && this.#subject.end !== undefined)
      this.complain(`the server ended with ${this.#subject.end}: ${this.#subject.lines.at(-1) ?? ""}`);
    if (this.server === "ours" && this.#subject !== undefined) this.#judgeLog(this.#subject.lines);
  }

  /** The log has at most one line a second of each cause. */
  #judgeLog(lines: readonly string[]): void {
    const counts = new Map<string, number>();
    for (const line of lines) counts.set(causeOf(line), (counts.get(causeOf(line)) ?? 0) + 1);
    const most = (this.#loadMs / 1000) * LINES_A_SECOND_MAX + LINES_SPARE;
    for (const [cause, count] of counts)
      if (count > most) this.complain(`${count} lines of the log in ${Math.round(this.#loadMs / 1000)} s: ${cause}`);
  }
}

/** A line's message, and of which file or upstream it is. */
function causeOf(line: string): string {
  try {
    const { msg, origin, file, upstream } = JSON.parse(line) as Record<string, unknown>;
    return [msg, origin, file, upstream].filter((part) => typeof part === "string").join(" ");
  } catch {
    return line;
  }
}

function growth(before: Resources, after: Resources): NonNullable<Row["R"]> {
  const megabytes = (after.residentBytes - before.residentBytes) / 1e6;
  return { MB: round(megabytes), fds: after.descriptors - before.descriptors };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
