// One simulation: a whole server, the programs and upstreams around it, and the laws that hold whatever happens. The
// same seed gives the same simulation.
import { optionsFromSettings } from "../../src/config/settings.ts";
import { SourceError } from "../../src/files/source-error.ts";
import type { Logger } from "../../src/observe/log.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";
import { serveParser } from "../../src/sources/manifests/parse-worker.ts";
import { ADDRESS_NAMES } from "./foreign-names.ts";
import { FolderProgram } from "./folder-program.ts";
import { FOLDER, MOUNT, NAMED_FILE } from "./local-files.ts";
import { NetworkFaults, UPSTREAM_HOSTS, UPSTREAM_MODES } from "./network.ts";
import { OPERATIONS } from "./operations.ts";
import { Questions, STALE_SECONDS } from "./questions.ts";
import { enterWorld, Faults } from "./world.ts";
import type { World } from "./world.ts";

const OPERATIONS_MIN = 20;
const OPERATIONS_MORE = 40;
/** Pauses between operations, ms: most are short, so that one thing disturbs another. */
const PAUSES: readonly number[] = [0, 1, 5, 20, 50, 100, 150, 300, 700, 1_500];
/** One seed in so many has a pause in which answers become stale, or too old. */
const LONG_ONE_IN = 4;
const LONG_PAUSES: readonly number[] = [8_000, 20_000, 120_000];
const ASK_AGAIN_MS = 4_000;
/** Faults are over for so long: then all changes are served, and upstreams are used again. */
const REST_MS = 14_000;
const CLOSE_MS = 8_000;
/** Time that a supervisor takes to start a server again. */
const RESTART_MS = 200;
const LOOK_MS = 4_000;
/** Packets for one question: four tries by UDP, doubled, and by TCP, of two links of a chain. */
const PACKETS_PER_QUESTION = 24;
/** Two for each upstream, doubled. */
const PROBES_PER_SECOND = 12;

const OPTIONS = optionsFromSettings({
  upstream: UPSTREAM_HOSTS.slice(0, 2),
  stubDomain: [`stub.test=${UPSTREAM_HOSTS[2]}`],
  serveStale: STALE_SECONDS,
  cacheSize: 1,
  state: "/s/state.json",
});

/** What came of a seed; `broken`: the law that does not hold. */
export interface SimulationResult {
  readonly seed: number;
  readonly broken: string | undefined;
  readonly trace: readonly string[];
  readonly questions: number;
  readonly looks: number;
}

export async function simulate(seed: number): Promise<SimulationResult> {
  const simulation = new Simulation(seed);
  await simulation.run();
  return simulation.result;
}

class Simulation {
  readonly #seed: number;
  readonly #world: World;
  readonly #folder: FolderProgram;
  readonly #questions: Questions;
  readonly #trace: string[] = [];
  #server: Server | undefined;
  #closing: Promise<void> | undefined;

  constructor(seed: number) {
    this.#seed = seed;
    this.#world = enterWorld(seed, serveParser);
    this.#folder = new FolderProgram(this.#world);
    this.#questions = new Questions(this.#world, this.#folder.names);
  }

  get result(): SimulationResult {
    const { count: questions, looks, broken } = this.#questions;
    return { seed: this.#seed, broken, trace: this.#trace, questions, looks };
  }

  async run(): Promise<void> {
    this.#start();
    this.#lookNowAndThen();
    await this.#operate();
    if (!this.#isBroken) await this.#rest();
    if (!this.#isBroken) await this.#end();
    this.#world.endProcess();
  }

  /** Whether the simulation has shown what is wrong. */
  get #isBroken(): boolean {
    const { thrown } = this.#world.scheduler;
    if (thrown !== undefined) this.#questions.fail(`thrown: ${thrown.stack}`);
    return this.#questions.broken !== undefined;
  }

  async #operate(): Promise<void> {
    const { random } = this.#world;
    const themes = [...new Set(OPERATIONS.map(({ theme }) => theme))].filter(() => random.below(3) > 0);
    const choices = OPERATIONS.filter(({ theme }) => themes.includes(theme)).flatMap((each) =>
      Array.from({ length: each.weight }, () => each),
    );
    const length = OPERATIONS_MIN + random.below(OPERATIONS_MORE);
    const longAt = random.below(LONG_ONE_IN) === 0 ? random.below(length) : -1;
    for (let i = 0; i < length && choices.length > 0; i++) {
      if (i === longAt) await this.#passLong();
      else await this.#pass(this.#world.upTo(random.pick(PAUSES)));
      if (this.#isBroken) return;
      const done = random.pick(choices).run({
        world: this.#world,
        folder: this.#folder,
        questions: this.#questions,
        restart: (how) => this.#restart(how),
      });
      if (done !== undefined) this.#note(done);
    }
  }

  /** A long time in which upstreams may be away, and a client asks again and again. */
  async #passLong(): Promise<void> {
    const { random, network } = this.#world;
    const [mode, name] = [random.pick(UPSTREAM_MODES), random.pick(ADDRESS_NAMES)];
    const endMs = this.#world.scheduler.nowMs + random.below(random.pick(LONG_PAUSES));
    this.#questions.ask(name);
    await this.#pass(ASK_AGAIN_MS);
    network.modes.fill(mode);
    network.names.change(name);
    this.#note(`all upstreams are ${mode}, ${name} changes and is asked for until ${Math.round(endMs)} ms`);
    while (this.#world.scheduler.nowMs < endMs && !this.#isBroken) {
      this.#questions.ask(name);
      await this.#pass(ASK_AGAIN_MS);
    }
  }

  /** Ends all faults, waits, and compares everything with what is there now. */
  async #rest(): Promise<void> {
    const { world } = { world: this.#world };
    Object.assign(world.faults, new Faults());
    world.network.modes.fill("up");
    world.network.faults = new NetworkFaults();
    this.#folder.heal();
    this.#note("all faults end");
    await this.#pass(REST_MS);
    if (this.#isBroken) return;
    const questions = this.#questions;
    if (!questions.isReady) questions.fail("the server is not ready at rest");
    questions.look(this.#folder.settledNames());
    if (questions.waiting.size > 0) questions.fail(`no reply: ${[...questions.waiting].join("; ")}`);
    if (world.sockets.size > 0 && this.#hasDatagramSocket()) questions.fail("a socket to an upstream is left open");
    for (let i = 0; i < 3; i++) questions.ask(`q${i}.up.test.`, { client: i, mustWork: true });
    this.#countPackets();
    await this.#pass(1_000);
  }

  /** Stops the server with questions in hand: each gets its answer, and nothing stays open. */
  async #end(): Promise<void> {
    const { world } = { world: this.#world };
    const { random, network } = world;
    if (random.below(2) === 0) network.modes.fill("silent");
    for (let i = 3; i < 6; i++) this.#questions.ask(`q${i}.up.test.`);
    this.#note("close");
    this.#close();
    await this.#pass(CLOSE_MS);
    if (this.#isBroken) return;
    if (this.#closing !== undefined) this.#questions.fail("the server does not end");
    const open = Object.entries({
      timers: world.timers,
      handles: world.handles,
      watches: world.watches,
      sockets: world.sockets,
      threads: world.threads,
    }).filter(([, each]) => each.size > 0);
    if (open.length > 0) this.#questions.fail(`left open: ${open.map(([what, { size }]) => `${size} ${what}`).join()}`);
    if (this.#questions.waiting.size > 0) this.#questions.fail(`no reply: ${[...this.#questions.waiting].join("; ")}`);
  }

  #start(): void {
    const mayMiss = this.#folder.hasUnreadable || this.#world.faults.fileOneIn > 0;
    this.#folder.names.restart(this.#folder.files, mayMiss);
    const questions = this.#questions;
    questions.isReady = false;
    questions.isClosing = false;
    const server = startServer(OPTIONS, { paths: [FOLDER, MOUNT, NAMED_FILE], log: this.#log() });
    this.#server = server;
    const { life } = this.#world.scheduler;
    server.ready.then(
      () => {
        if (life !== this.#world.scheduler.life) return;
        questions.isReady = true;
      },
      (error: unknown) => {
        if (life !== this.#world.scheduler.life || questions.isClosing) return;
        if (!(error instanceof SourceError)) return questions.fail(`the start failed: ${String(error)}`);
        this.#note(`the server ends: ${error.message}`);
        this.#startLater();
      },
    );
  }

  #restart(how: "asked" | "killed"): void {
    if (this.#closing !== undefined) return;
    if (how === "asked") return this.#close(() => this.#startLater());
    this.#startLater();
    this.#world.files.losePower("/s");
  }

  #startLater(): void {
    this.#world.endProcess();
    this.#questions.waiting.clear();
    this.#questions.isReady = false;
    this.#world.scheduler.outside(RESTART_MS, () => {
      // A supervisor tries again until the folders are there.
      if (this.#folder.canBeServed) this.#start();
      else this.#startLater();
    });
  }

  #close(then?: () => void): void {
    const { life } = this.#world.scheduler;
    this.#questions.isClosing = true;
    this.#closing = this.#server!.close().then(() => {
      if (life !== this.#world.scheduler.life) return;
      this.#closing = undefined;
      then?.();
    });
  }

  #log(): Logger {
    const ignore = (): void => undefined;
    // Everything that is published is looked at, at once.
    const debug = (_about: unknown, text: string): void => {
      if (text === "published") this.#world.scheduler.next(() => this.#questions.look());
    };
    const warn = ({ code }: { readonly code?: string }, text: string): void => {
      const isUnread = text.includes("can't be read");
      if (code === "state-not-used" && !isUnread) this.#questions.fail(`after a crash ${text}`);
    };
    return { info: ignore, warn, error: ignore, debug, isLevelEnabled: () => true } as unknown as Logger;
  }

  #lookNowAndThen(): void {
    this.#world.scheduler.outside(this.#world.upTo(LOOK_MS), () => {
      this.#questions.look();
      this.#lookNowAndThen();
    });
  }

  #hasDatagramSocket(): boolean {
    return [...this.#world.sockets].some((socket) => socket!.constructor.name === "FakeUdpSocket");
  }

  /** Upstreams get few packets for a question, and few probes while they are away. */
  #countPackets(): void {
    const { network, scheduler } = this.#world;
    const probes = network.asked.get(".") ?? 0;
    const packets = [...network.asked.values()].reduce((sum, count) => sum + count, 0) - probes;
    if (packets > PACKETS_PER_QUESTION * this.#questions.count)
      this.#questions.fail(`${packets} packets to upstreams for ${this.#questions.count} questions`);
    if (probes > PROBES_PER_SECOND * (1 + scheduler.nowMs / 1_000))
      this.#questions.fail(`${probes} probes within ${Math.round(scheduler.nowMs)} ms`);
  }

  #pass(ms: number): Promise<void> {
    return this.#world.scheduler.run(this.#world.scheduler.nowMs + ms);
  }

  #note(what: string): void {
    this.#trace.push(`${String(Math.round(this.#world.scheduler.nowMs)).padStart(6)} ms  ${what}`);
  }
}
