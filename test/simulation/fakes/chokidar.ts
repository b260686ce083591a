// chokidar for a simulated process: a watch on one folder, whose raw events come late, twice, in any order, or never.
import { EventEmitter } from "node:events";
import { basename } from "node:path";
import { systemError } from "../fake-file-system.ts";
import type { FolderNode } from "../fake-file-system.ts";
import { world } from "../world.ts";

const READY_MS = 4;
const EVENT_MS = 3;
const LATE_EVENT_MS = 400;
const DOUBLED_ONE_IN = 8;

class FakeWatcher extends EventEmitter {
  readonly #path: string;
  #folder: FolderNode | undefined;
  readonly #onEvent = (name: string | undefined): void => this.#deliver(name);

  constructor(path: string) {
    super();
    this.#path = path;
    const { scheduler, watches } = world();
    watches.add(this);
    scheduler.inside(world().upTo(READY_MS), () => this.#attach());
  }

  detach(): void {
    this.#folder?.watches.delete(this.#onEvent);
    this.#folder = undefined;
  }

  close(): Promise<void> {
    this.detach();
    world().watches.delete(this);
    return Promise.resolve();
  }

  #attach(): void {
    const { faults, files, watches } = world();
    if (!watches.has(this)) return;
    if (faults.isWatchRefused) {
      this.emit("error", systemError("ENOSPC", this.#path));
    } else if (files.has(this.#path)) {
      const node = files.find(this.#path, { isFree: true });
      if (node.kind === "folder") (this.#folder = node).watches.add(this.#onEvent);
    }
    this.emit("ready");
  }

  #deliver(name: string | undefined): void {
    const now = world();
    const { scheduler, faults } = now;
    if (now.chance(faults.lostEventOneIn)) return;
    const delayMs = now.upTo(now.chance(faults.lateEventOneIn) ? LATE_EVENT_MS : EVENT_MS);
    const raise = (): void => void this.emit("raw", "rename", name ?? basename(this.#path));
    scheduler.inside(delayMs, raise);
    if (now.chance(DOUBLED_ONE_IN)) scheduler.inside(delayMs + now.upTo(EVENT_MS), raise);
  }
}

export const watch = (path: string): FakeWatcher => new FakeWatcher(path);
