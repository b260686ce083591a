// Keeps a state file up to date: one write at a time, at most one a second, and always the last state. A write that
// fails is reported, and repeated until it succeeds; it never delays an answer.
import type { Problem } from "../objects/problem.ts";
import { writeState } from "./state-file.ts";
import type { State } from "./state-file.ts";

const INTERVAL_MS = 1_000;
/** A full disk has space again after a while. */
const RETRY_MS = 3_000;

/** Writes a state file when the state changed. */
export class StateKeeper {
  readonly #path: string;
  readonly #current: () => State;
  readonly #onProblems: (problems: readonly Problem[]) => void;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `current` gives the state at the time of a write; `onProblems` gets the problems of each write. */
  constructor(path: string, current: () => State, onProblems: (problems: readonly Problem[]) => void) {
    this.#path = path;
    this.#current = current;
    this.#onProblems = onProblems;
  }

  /** Writes the state within a second, as it changed. */
  changed(): void {
    this.#writeIn(INTERVAL_MS);
  }

  /** Writes the present state; resolves when it is on the disk or its problems are reported. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      const problems = await writeState(this.#path, this.#current());
      this.#onProblems(problems);
      if (problems.length > 0) this.#writeIn(RETRY_MS);
    });
    return this.#writing;
  }

  /** Writes the present state a last time. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.flush();
  }

  #writeIn(delayMs: number): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.flush(), delayMs).unref();
  }
}
