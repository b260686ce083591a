// Values by accepted socket, found again by the socket's two ends: node does not tell which accepted socket a TLS
// socket was made of, or which one a request came on. Forgets a socket when it closes.
import type { Socket } from "node:net";

type SocketEnds = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress">;

export class SocketMap<V extends object> {
  readonly #values = new Map<string, V>();

  /** Keeps `value` until `socket` closes. */
  set(socket: Socket, value: V): void {
    const key = keyOf(socket);
    this.#values.set(key, value);
    socket.on("close", () => {
      // The client may have come again from the same port.
      if (this.#values.get(key) === value) this.#values.delete(key);
    });
  }

  /** The value of the open socket with these ends. */
  get(ends: SocketEnds): V | undefined {
    return this.#values.get(keyOf(ends));
  }
}

function keyOf({ remoteAddress, remotePort, localAddress }: SocketEnds): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
