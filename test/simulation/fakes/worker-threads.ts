// A worker thread of a simulated process: the parser's own code, with messages that take a while.
import { EventEmitter } from "node:events";
import type { ParseJob } from "../../../src/sources/manifests/parse-worker.ts";
import { systemError } from "../fake-file-system.ts";
import { world } from "../world.ts";

const START_MS = 40;
const MESSAGE_MS = 5;

/** No code under test runs as a thread's main module here. */
export const parentPort = null;
export const workerData: unknown = undefined;

export class Worker extends EventEmitter {
  readonly #jobs = new EventEmitter();

  constructor() {
    super();
    const now = world();
    const { scheduler, threads, faults } = now;
    if (faults.isThreadRefused && now.chance(2)) throw systemError("EAGAIN");
    threads.add(this);
    scheduler.inside(now.upTo(START_MS), () => this.#start());
  }

  postMessage(job: ParseJob): void {
    const { scheduler } = world();
    scheduler.inside(world().upTo(MESSAGE_MS), () => this.#jobs.emit("message", job));
  }

  cpuUsage(): Promise<{ readonly user: number; readonly system: number }> {
    return Promise.resolve({ user: 0, system: 0 });
  }

  terminate(): Promise<number> {
    world().threads.delete(this);
    this.#jobs.removeAllListeners();
    return Promise.resolve(0);
  }

  #start(): void {
    const { scheduler, threads, faults, serveParser } = world();
    if (!threads.has(this)) return;
    if (faults.isThreadRefused) {
      threads.delete(this);
      this.emit("error", systemError("EAGAIN"));
      return;
    }
    const port: Parameters<typeof serveParser>[0] = {
      on: (event, take) => void this.#jobs.on(event, take),
      postMessage: (answer) =>
        void scheduler.inside(world().upTo(MESSAGE_MS), () => threads.has(this) && this.emit("message", answer)),
    };
    serveParser(port, { isShort: false });
  }
}
