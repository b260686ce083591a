// The simulation that runs now: what the fakes of this folder stand on. One at a time, because the modules that they
// replace have no other way to find it.
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import type { serveParser } from "../../src/sources/manifests/parse-worker.ts";
import { Random } from "../fuzz/random.ts";
import { FakeFileSystem } from "./fake-file-system.ts";
import { Network } from "./network.ts";
import { Scheduler } from "./scheduler.ts";

/** What does not work at present. Chances are one in so many; 0: never. */
export class Faults {
  /** Calls of the file system that fail, with this code. */
  fileCode = "EMFILE";
  fileOneIn = 0;
  /** Calls that take long. */
  slowOneIn = 0;
  /** Writes that find no space. */
  isDiskFull = false;
  /** Events of watches that never come, and those that come late. */
  lostEventOneIn = 0;
  lateEventOneIn = 0;
  isWatchRefused = false;
  /** Threads that can't start. */
  isThreadRefused = false;
  isSocketRefused = false;
}

/** What a server listens with. */
export interface Listener {
  readonly answerer: LateAnswerer;
  isOpen: boolean;
  /** Questions that wait for an answer. */
  waiting: number;
}

export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly files: FakeFileSystem;
  readonly network: Network;
  faults = new Faults();
  listener: Listener | undefined;
  /** What a thread of the parser runs. */
  readonly serveParser: typeof serveParser;
  /** What the process has open. */
  readonly timers = new Set<{ readonly isReferenced: boolean }>();
  readonly handles = new Set<unknown>();
  readonly watches = new Set<unknown>();
  readonly sockets = new Set<unknown>();
  readonly threads = new Set<unknown>();

  constructor(seed: number, parser: typeof serveParser) {
    this.serveParser = parser;
    this.random = new Random(seed);
    this.scheduler = new Scheduler(this.random);
    this.files = new FakeFileSystem(this.scheduler, this.random);
    this.network = new Network(this.scheduler, this.random);
  }

  /** Whether something with a chance of one in `n` happens; 0: never. */
  chance(n: number): boolean {
    return n > 0 && this.random.below(n) === 0;
  }

  /** A number from 0 to `max`, with fractions. */
  upTo(max: number): number {
    return (this.random.below(1_000) / 1_000) * max;
  }

  /** The process is gone, with all that it had open. */
  endProcess(): void {
    this.scheduler.life++;
    for (const open of [this.timers, this.handles, this.sockets, this.threads]) open.clear();
    for (const watch of this.watches) (watch as { detach(): void }).detach();
    this.watches.clear();
    this.listener = undefined;
  }
}

let current: World | undefined;

/** The world of the simulation that runs. */
export function world(): World {
  if (current === undefined) throw new Error("no simulation runs");
  return current;
}

/** Starts a simulation. */
export function enterWorld(seed: number, parser: typeof serveParser): World {
  current = new World(seed, parser);
  return current;
}
