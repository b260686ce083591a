// Keeps a state file up to date: one write at a time, at most one a second, the last state always. A write that fails
// is told and tried again with the next change; it never holds up an answer.
import type { Problem } from "../objects/problem.ts";
import { writeState } from "./state-file.ts";
import type { State } from "./state-file.ts";

const INTERVAL_MS = 1_000;

export class StateKeeper {
  readonly #path: string;
  readonly #current: () => State;
  readonly #onProblems: (problems: readonly Problem[]) => void;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `current` gives the state at the time of a write; `onProblems` gets what was wrong with the last one. */
  constructor(path: string, current: () => State, onProblems: (problems: readonly Problem[]) => void) {
    this.#path = path;
    this.#current = current;
    this.#onProblems = onProblems;
  }

  /** The state has changed: it is written within a second. */
  changed(): void {
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL_MS).unref();
  }

  /** Writes the present state; resolves when it is on the disk, or told to be not. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      this.#onProblems(await writeState(this.#path, this.#current()));
    });
    return this.#writing;
  }
}
