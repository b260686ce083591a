// UDP sockets of a simulated process: connected to one upstream of the simulated network.
import { EventEmitter } from "node:events";
import { systemError } from "../fake-file-system.ts";
import { world } from "../world.ts";

const CONNECT_MS = 0.2;

class FakeUdpSocket extends EventEmitter {
  #host = "";
  #port = 0;

  connect(port: number, host: string): void {
    [this.#port, this.#host] = [port, host];
    const { scheduler, sockets, faults } = world();
    sockets.add(this);
    scheduler.inside(world().upTo(CONNECT_MS), () => {
      if (!sockets.has(this)) return;
      if (faults.isSocketRefused) this.emit("error", systemError("EMFILE"));
      else this.emit("connect");
    });
  }

  send(bytes: Uint8Array): void {
    const { network, scheduler } = world();
    const { life } = scheduler;
    const arrive = (raise: () => void): void => {
      if (life === scheduler.life) scheduler.inside(0, () => world().sockets.has(this) && raise());
    };
    network.send(this.#host, Buffer.from(bytes), {
      onReply: (reply) => arrive(() => this.emit("message", reply, { address: this.#host, port: this.#port })),
      onError: (code) => arrive(() => this.emit("error", systemError(code))),
    });
  }

  close(): void {
    world().sockets.delete(this);
  }
}

export const createSocket = (): FakeUdpSocket => new FakeUdpSocket();
