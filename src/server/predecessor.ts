// The server that ran here before, seen from its successor: what it listens on, and how its sockets and connections
// come over. It answers until the successor does, so that no query is lost. takeover-point.ts is its side.
import { setTimeout as delay } from "node:timers/promises";
import type { ListenAddress } from "../net/listen-address.ts";
import { OperatorError } from "../std/operator-error.ts";
import type { DescriptorChannel } from "./descriptor-channel.ts";
import { connectToPath } from "./descriptor-channel.ts";
import type { GivenListener } from "./given-listener.ts";
import type { Libc } from "./libc.ts";
import { SystemError } from "./system-error.ts";

/** What the two servers say. `listener` is an index of the list in `hello`. */
export type TakeoverMessage =
  | { readonly type: "hello"; readonly listeners: readonly Pick<GivenListener, "requested" | "address">[] }
  | { readonly type: "take" }
  | { readonly type: "socket"; readonly listener: number; readonly kind: "stream" | "datagrams" }
  | { readonly type: "complete" }
  | { readonly type: "taken" }
  | { readonly type: "connection"; readonly listener: number };

/** How long a server that lives may take for its next message. */
const PATIENCE_MS = 5_000;
const POLL_MS = 2;

/** A server that listens at a path for its successor. */
export class Predecessor {
  readonly listeners: readonly Pick<GivenListener, "requested" | "address">[];
  readonly #channel: DescriptorChannel;
  readonly #libc: Libc;
  readonly #path: string;

  /** The server at `path`; undefined when there is none. Rejects with an `OperatorError` when it does not answer. */
  static async find(libc: Libc, path: string): Promise<Predecessor | undefined> {
    let channel: DescriptorChannel;
    try {
      channel = connectToPath(libc, path);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return undefined;
      throw new OperatorError(`--takeover ${path}: can't connect (${error.code}): name a socket of this user`);
    }
    const hello = await expectMessage(channel, path);
    if (hello.message.type !== "hello") throw silent(path);
    return new Predecessor(libc, path, channel, hello.message.listeners);
  }

  private constructor(libc: Libc, path: string, channel: DescriptorChannel, listeners: Predecessor["listeners"]) {
    this.#libc = libc;
    this.#path = path;
    this.#channel = channel;
    this.listeners = listeners;
  }

  /** Its sockets, on which it answers until `taken`. Rejects with an `OperatorError` if it does not give them. */
  async take(): Promise<readonly GivenListener[]> {
    this.#say({ type: "take" });
    const sockets = this.listeners.map(() => ({ stream: undefined as number | undefined, datagrams: [] as number[] }));
    for (;;) {
      const { message, descriptor } = await expectMessage(this.#channel, this.#path);
      if (message.type === "complete") break;
      if (message.type !== "socket" || descriptor === undefined) throw silent(this.#path);
      const of = sockets[message.listener];
      if (of === undefined) throw silent(this.#path);
      if (message.kind === "stream") of.stream = descriptor;
      else of.datagrams.push(descriptor);
    }
    return this.listeners.map((listener, i) => {
      const { stream, datagrams } = sockets[i]!;
      return { ...listener, ...(stream !== undefined && { stream }), datagrams };
    });
  }

  /** Tells it that queries are answered here now, and hands each connection that it gives away to `onConnection`. */
  async taken(onConnection: (address: ListenAddress, descriptor: number) => void): Promise<void> {
    this.#say({ type: "taken" });
    for (;;) {
      const received = this.#channel.receive();
      if (received === "closed") break;
      if (received === undefined) {
        await delay(POLL_MS, undefined, { ref: false });
        continue;
      }
      const message = JSON.parse(received.text) as TakeoverMessage;
      const listener = message.type === "connection" ? this.listeners[message.listener] : undefined;
      if (received.descriptor === undefined) continue;
      if (listener === undefined) this.#libc.close(received.descriptor);
      else onConnection(listener.address, received.descriptor);
    }
    this.#channel.close();
  }

  /** Leaves everything to it. */
  abandon(): void {
    this.#channel.close();
  }

  #say(message: TakeoverMessage): void {
    this.#channel.send(JSON.stringify(message));
  }
}

/** The next message; rejects with an `OperatorError` when none comes. */
async function expectMessage(
  channel: DescriptorChannel,
  path: string,
): Promise<{ readonly message: TakeoverMessage; readonly descriptor: number | undefined }> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    const received = channel.receive();
    if (received === "closed") break;
    if (received !== undefined)
      return { message: JSON.parse(received.text) as TakeoverMessage, descriptor: received.descriptor };
    await delay(POLL_MS);
  }
  channel.close();
  throw silent(path);
}

function silent(path: string): OperatorError {
  return new OperatorError(
    `--takeover ${path}: the server there does not hand over its sockets: end it, or remove the socket`,
  );
}
