// A receiver of dnstap that a test scripts, with a reader of Protocol Buffers of its own; and frames as the protocol
// writes them.
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

const ACCEPT = 1;
const STOP = 3;
const READY = 4;
const FINISH = 5;

/** A control frame with its escape. */
export function control(type: number, ...contents: readonly string[]): Buffer {
  const fields = contents.map((content) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(1);
    head.writeUInt32BE(content.length, 4);
    return Buffer.concat([head, Buffer.from(content)]);
  });
  const typed = Buffer.alloc(4);
  typed.writeUInt32BE(type);
  const frame = Buffer.concat([typed, ...fields]);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(frame.length, 4);
  return Buffer.concat([head, frame]);
}

/** Fields of a message by number, each with its values in order. */
export type Fields = Readonly<Record<number, readonly (number | Buffer)[]>>;

/** Reads a message of Protocol Buffers; nested messages are bytes. */
export function readFields(bytes: Buffer): Fields {
  const fields: Record<number, (number | Buffer)[]> = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const values = (fields[tag >> 3] ??= []);
    if ((tag & 7) === 0) values.push(varint());
    else if ((tag & 7) === 5) values.push(bytes.readUInt32LE((at += 4) - 4));
    else if ((tag & 7) === 2) {
      const size = varint();
      values.push(bytes.subarray(at, (at += size)));
      if (at > bytes.length) throw new Error("a field that is cut");
    } else throw new Error(`a field of wire type ${tag & 7}`);
  }
  return fields;
}

export class DnstapReceiver {
  /** Data frames, in order. */
  readonly frames: Buffer[] = [];
  /** Types of the control frames that came, in order. */
  readonly controls: number[] = [];
  connections = 0;
  /** What it answers to READY; undefined: nothing. */
  accepts: Buffer | undefined = control(ACCEPT, "protobuf:dnstap.Dnstap");
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens at a path, or on a port of loopback, 0 for a free one. */
  static async open(where: string | number): Promise<DnstapReceiver> {
    const receiver = new DnstapReceiver();
    if (typeof where === "string") receiver.#server.listen(where);
    else receiver.#server.listen(where, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        if (bytes.length < 8) return;
        const size = bytes.readUInt32BE(0);
        const isControl = size === 0;
        const end = isControl ? 8 + bytes.readUInt32BE(4) : 4 + size;
        if (bytes.length < end) return;
        if (isControl) this.#onControl(bytes.readUInt32BE(8), socket);
        else this.frames.push(bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #onControl(type: number, socket: Socket): void {
    this.controls.push(type);
    if (type === READY && this.accepts !== undefined) socket.write(this.accepts);
    if (type === STOP) socket.write(control(FINISH));
  }
}
