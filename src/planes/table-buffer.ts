// The compiled zone's current buffer, which the control plane replaces and the data plane follows.
// The table's writer moves to a new buffer when the old one is full; readers of the old one see no later change.
import { NODE_LEVELS } from "../compile/node-kind.ts";
import type { Options } from "../config/options.ts";
import { assert } from "../std/assert.ts";
import { TableWriter } from "../table/writer.ts";
import { randomSeed } from "./random-seed.ts";

export class TableBuffer {
  #current: SharedArrayBuffer | undefined;
  readonly #subscribers: ((buffer: SharedArrayBuffer) => void)[] = [];

  /** The buffer to read from now; there is none before the table's writer has been made. */
  get current(): SharedArrayBuffer {
    assert(this.#current !== undefined, "the table's writer comes before its readers");
    return this.#current;
  }

  /** Calls `subscriber` with every buffer from the next one on. */
  subscribe(subscriber: (buffer: SharedArrayBuffer) => void): void {
    this.#subscribers.push(subscriber);
  }

  /** Makes `buffer`, which holds the whole table, the current one. */
  replace(buffer: SharedArrayBuffer): void {
    this.#current = buffer;
    for (const subscriber of this.#subscribers) subscriber(buffer);
  }
}

/** A writer of the table of a server with these options. */
export function newTableWriter({ reasons }: Options, onReplaced: (buffer: SharedArrayBuffer) => void): TableWriter {
  // Sentences tell names of one typing mistake.
  const levels = reasons === "off" ? undefined : NODE_LEVELS;
  return new TableWriter([randomSeed(), randomSeed()], onReplaced, levels);
}
