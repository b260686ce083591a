// Where a running server waits for its successor: a Unix socket at a path of the operator's. It gives its sockets to
// the process that asks for them, and stops when that process answers on them. predecessor.ts is the other side.
import { renameSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { OperatorError } from "../std/operator-error.ts";
import type { DescriptorChannel } from "./descriptor-channel.ts";
import { acceptChannel, listenAtPath } from "./descriptor-channel.ts";
import type { Libc } from "./libc.ts";
import type { Listeners } from "./listen.ts";
import type { TakeoverMessage } from "./predecessor.ts";
import { SystemError } from "./system-error.ts";

const ACCEPT_MS = 50;
const POLL_MS = 2;
/** How long a successor may load before it takes the sockets. */
const LOAD_MS_MAX = 10 * 60_000;
/** How long it may take to answer on them. */
const START_MS_MAX = 10_000;

/** Waits for a successor until it is closed. */
export class TakeoverPoint {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #fd: number;
  readonly #listeners: Listeners;
  readonly #onTaken: () => void;
  #channel: DescriptorChannel | undefined;
  #isTaken = false;
  #isClosed = false;

  /**
   * Makes the socket at `path`, in place of one that is there. `onTaken` is called when a successor answers and
   * `listeners` have nothing more to take. Throws an `OperatorError` when the socket can't be made.
   */
  constructor(libc: Libc, path: string, listeners: Listeners, onTaken: () => void) {
    this.#libc = libc;
    this.#path = path;
    this.#listeners = listeners;
    this.#onTaken = onTaken;
    // Whoever connects to the path meets the old socket or the new one.
    const temporary = `${path}.new`;
    try {
      rmSync(temporary, { force: true });
      this.#fd = listenAtPath(libc, temporary);
      renameSync(temporary, path);
    } catch (error) {
      const code = error instanceof SystemError ? error.code : (error as NodeJS.ErrnoException).code;
      throw new OperatorError(
        `--takeover ${path}: can't make the socket (${code}): name a path in a folder of this user`,
      );
    }
    void this.#attend();
  }

  /** Ends the wait, and removes the socket unless a successor has its own there. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel?.close();
    this.#libc.close(this.#fd);
    if (!this.#isTaken) rmSync(this.#path, { force: true });
  }

  async #attend(): Promise<void> {
    while (!this.#isClosed) {
      this.#channel = acceptChannel(this.#libc, this.#fd);
      if (this.#channel === undefined) {
        await delay(ACCEPT_MS, undefined, { ref: false });
        continue;
      }
      await this.#serve(this.#channel);
      this.#channel.close();
      if (this.#isTaken) return this.#onTaken();
    }
  }

  async #serve(channel: DescriptorChannel): Promise<void> {
    const open = this.#listeners.open;
    say(channel, { type: "hello", listeners: open.map(({ requested, address }) => ({ requested, address })) });
    if (!(await hears(channel, "take", LOAD_MS_MAX, ACCEPT_MS))) return;
    open.forEach(({ stream, datagrams }, listener) => {
      for (const fd of stream.descriptors ?? []) say(channel, { type: "socket", listener, kind: "stream" }, fd);
      for (const fd of datagrams?.descriptors ?? []) say(channel, { type: "socket", listener, kind: "datagrams" }, fd);
    });
    say(channel, { type: "complete" });
    if (!(await hears(channel, "taken", START_MS_MAX, POLL_MS)) || this.#isClosed) return;
    this.#isTaken = true;
    await this.#listeners.handOver((listener, fd) => say(channel, { type: "connection", listener }, fd));
  }
}

function say(channel: DescriptorChannel, message: TakeoverMessage, descriptor?: number): boolean {
  return channel.send(JSON.stringify(message), descriptor);
}

/** Whether the message comes in time. */
async function hears(
  channel: DescriptorChannel,
  type: TakeoverMessage["type"],
  limitMs: number,
  pollMs: number,
): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  while (performance.now() < deadlineMs) {
    const received = channel.receive();
    if (received === "closed") return false;
    if (received !== undefined) return (JSON.parse(received.text) as TakeoverMessage).type === type;
    await delay(pollMs, undefined, { ref: false });
  }
  return false;
}
