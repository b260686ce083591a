// Queries a running server over real sockets. A missing reply is an error after `ANSWER_TIMEOUT_MS`, never a silent pass;
// the contents of replies are for the caller to judge.
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export const ANSWER_TIMEOUT_MS = 10_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

function describe(bytes: Buffer): string {
  return `${bytes.length} bytes ${bytes.subarray(0, 48).toString("hex")}`;
}

/** One connected UDP socket; answers are matched to questions by id. */
export class UdpClient {
  /** Datagrams that match no open query. */
  readonly strays: Buffer[] = [];
  readonly #socket: UdpSocket;
  readonly #waiting = new Map<number, (reply: Buffer) => void>();

  private constructor(socket: UdpSocket) {
    this.#socket = socket;
    socket.on("message", (reply) => {
      const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
      const resolve = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (resolve === undefined) this.strays.push(reply);
      else resolve(reply);
    });
  }

  static async open(server: Endpoint): Promise<UdpClient> {
    const socket = createSocket(server.host.includes(":") ? "udp6" : "udp4");
    socket.connect(server.port, server.host);
    await once(socket, "connect");
    return new UdpClient(socket);
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** Sends a query of at least two bytes and waits for the datagram with its id. */
  ask(query: Buffer): Promise<Buffer> {
    const id = query.readUInt16BE(0);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`no answer over UDP to ${describe(query)}`));
      }, ANSWER_TIMEOUT_MS);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.send(query);
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** One TCP connection; messages come out in the order in which they came in. */
export class TcpClient {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("close", end).on("end", end).on("error", end);
  }

  static async open(server: Endpoint): Promise<TcpClient> {
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    await once(socket, "connect");
    return new TcpClient(socket);
  }

  /** Writes bytes as they are; resolves when the system has them. */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
  }

  /** The next message without its length; throws when the server closes or stays silent first. */
  async next(): Promise<Buffer> {
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const length = this.#received.length < 2 ? Infinity : this.#received.readUInt16BE(0);
      if (this.#received.length >= length + 2) {
        const message = this.#received.subarray(2, length + 2);
        this.#received = this.#received.subarray(length + 2);
        return message;
      }
      if (this.#ended) throw new Error(`the server closed with ${describe(this.#received)} of an answer`);
      if (Date.now() >= deadline) throw new Error(`no answer over TCP, only ${describe(this.#received)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadline - Date.now());
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A message with the two bytes of its length in front. */
export function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** One question, one answer, one connection. */
export async function askTcp(server: Endpoint, query: Buffer): Promise<Buffer> {
  const client = await TcpClient.open(server);
  try {
    await client.write(frame(query));
    return await client.next();
  } finally {
    client.close();
  }
}
