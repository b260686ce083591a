// TCP connections of a simulated process to upstreams: replies come in pieces, connections end early.
import { EventEmitter } from "node:events";
import { systemError } from "../fake-file-system.ts";
import type { SimulatedEvent } from "../scheduler.ts";
import { world } from "../world.ts";

class FakeConnection extends EventEmitter {
  readonly #host: string;
  #idle: SimulatedEvent | undefined;
  #unread = Buffer.alloc(0);

  constructor(host: string) {
    super();
    this.#host = host;
    const { network, sockets } = world();
    sockets.add(this);
    this.#later(network.delay(), () => {
      const mode = network.modeOf(host);
      if (mode === "refusing") this.#fail("ECONNREFUSED");
      else if (mode !== "silent") this.emit("connect");
    });
  }

  setNoDelay(): void {}
  cork(): void {}
  uncork(): void {}

  setTimeout(idleMs: number): void {
    if (this.#idle !== undefined) this.#idle.run = undefined;
    this.#idle = idleMs === 0 ? undefined : this.#later(idleMs, () => this.emit("timeout"));
  }

  write(frame: Buffer): void {
    const { network } = world();
    this.#later(network.delay(), () => {
      const reply = network.answer(this.#host, Buffer.from(frame.subarray(2)));
      if (reply === undefined) return;
      this.#later(network.delay(), () => (reply === "end" ? this.#end() : this.#receive(reply)));
    });
  }

  destroy(): void {
    const { scheduler, sockets } = world();
    if (!sockets.delete(this)) return;
    this.setTimeout(0);
    scheduler.inside(0, () => this.emit("close"));
  }

  #receive(reply: Buffer): void {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(reply.length);
    this.#unread = Buffer.concat([this.#unread, size, reply]);
    const cut = world().random.below(this.#unread.length + 1);
    const chunk = this.#unread.subarray(0, cut);
    this.#unread = this.#unread.subarray(cut);
    if (chunk.length > 0) this.emit("data", Buffer.from(chunk));
    this.#later(world().network.delay(), () => {
      const rest = this.#unread;
      this.#unread = Buffer.alloc(0);
      if (rest.length > 0) this.emit("data", Buffer.from(rest));
    });
  }

  #end(): void {
    this.emit("end");
    this.destroy();
  }

  #fail(code: string): void {
    this.emit("error", systemError(code));
    this.destroy();
  }

  #later(delayMs: number, run: () => void): SimulatedEvent {
    return world().scheduler.inside(delayMs, () => void (world().sockets.has(this) && run()));
  }
}

export const connect = ({ host }: { readonly host: string }): FakeConnection => new FakeConnection(host);
