// Clients and answerers for the tests of transports: plain sockets, nothing of the code under test.
// A query here is 12 bytes or more: id, then whatever the test likes.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Answerer } from "../../src/answer/answerer.ts";
import type { ListenAddress } from "../../src/server/listen-address.ts";

/** Asks one server; replies are taken in the order they come. */
export interface Client {
  /** Resolves when the bytes are handed to the kernel. */
  send(...queries: Uint8Array[]): Promise<void>;
  /** The next reply; rejects when none comes within `withinMs`, or when the peer has closed. */
  receive(withinMs?: number): Promise<Buffer>;
  close(): void;
}

/** A query of `bytes` bytes, at least 12: its id, QR=0, and bytes that depend on both. */
export function makeQuery(id: number, bytes = 12): Buffer {
  const query = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) query[i] = (id * 31 + i * 7 + (id >> 8)) & 0xff;
  query.writeUInt16BE(id & 0xffff, 0);
  query[2] = 0;
  return query;
}

/** What the echo answerer replies to `query`. */
export function echoOf(query: Uint8Array): Buffer {
  const reply = Buffer.from(query);
  reply[2] = reply[2]! | 0x80;
  return reply;
}

/** Replies with the query and QR=1; silent to what is too short, and to replies, so that nothing loops. */
export const echo: Answerer = {
  answer(query, start, end, reply, replyStart) {
    if (end - start < 12 || (query[start + 2]! & 0x80) !== 0) return 0;
    reply.set(query.subarray(start, end), replyStart);
    reply[replyStart + 2] = reply[replyStart + 2]! | 0x80;
    return end - start;
  },
};

/** Replies with id, QR=1 and as many bytes as the query's bytes 4 and 5 say, filled with byte 6. */
export const sized: Answerer = {
  answer(query, start, _end, reply, replyStart) {
    const bytes = (query[start + 4]! << 8) | query[start + 5]!;
    reply.fill(query[start + 6]!, replyStart, replyStart + bytes);
    reply.set(query.subarray(start, start + 2), replyStart);
    reply[replyStart + 2] = 0x80;
    return bytes;
  },
};

/** As `echo`, but throws at a query whose byte 3 is 0xff. */
export const broken: Answerer = {
  answer(query, start, ...rest) {
    if (query[start + 3] === 0xff) throw new Error("a bug");
    return echo.answer(query, start, ...rest);
  },
};

/** A query for `sized`, and the reply it must get. */
export function makeSizedQuery(id: number, replyBytes: number, fill: number): { query: Buffer; reply: Buffer } {
  const query = makeQuery(id);
  query.writeUInt16BE(replyBytes, 4);
  query[6] = fill;
  const reply = Buffer.alloc(replyBytes, fill);
  reply.writeUInt16BE(id, 0);
  reply[2] = 0x80;
  return { query, reply };
}

/** A UDP client connected to `server`: the kernel drops what comes from any other address. */
export async function connectUdp(server: ListenAddress): Promise<Client> {
  const socket = createSocket({ type: server.host.includes(":") ? "udp6" : "udp4", recvBufferSize: 4 * 1024 * 1024 });
  const inbox = new Inbox();
  socket.on("message", (message) => inbox.put(message));
  socket.on("error", (error) => inbox.end(error));
  socket.connect(server.port, server.host);
  await once(socket, "connect");
  return {
    async send(...queries) {
      await Promise.all(
        queries.map(
          (query) =>
            new Promise<void>((resolve, reject) =>
              socket.send(query, (error) => (error === null ? resolve() : reject(error))),
            ),
        ),
      );
    },
    receive: (withinMs) => inbox.take(withinMs),
    close: () => socket.close(),
  };
}

/** A length before the message, as TCP has it. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(2 + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, 2);
  return framed;
}

/** A TCP client; `socket` is there for tests of bytes and ends. */
export async function connectTcp(
  server: ListenAddress,
  localAddress?: string,
): Promise<Client & { readonly socket: Socket }> {
  const from = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host: server.host, port: server.port, noDelay: true, allowHalfOpen: true, ...from });
  const inbox = new Inbox();
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 2;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = Buffer.concat(chunks);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0);
      inbox.put(bytes.subarray(2, end));
      bytes = bytes.subarray(end);
    }
    wanted = bytes.length >= 2 ? 2 + bytes.readUInt16BE(0) : 2;
    held = bytes.length;
    chunks = [bytes];
  });
  socket.on("error", (error) => inbox.end(error));
  socket.on("end", () => inbox.end(new Error(held > 0 ? "closed within a reply" : "closed")));
  await once(socket, "connect");
  return {
    socket,
    send(...queries) {
      const bytes = Buffer.concat(queries.map(frame));
      return new Promise((resolve, reject) =>
        socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error))),
      );
    },
    receive: (withinMs) => inbox.take(withinMs),
    close: () => socket.destroy(),
  };
}

/** Resolves when `holds()` does; rejects with `what` after `withinMs`. */
export async function until(holds: () => boolean, what: string, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

class Inbox {
  readonly #messages: Buffer[] = [];
  readonly #waiting: { resolve(message: Buffer): void; reject(error: Error): void }[] = [];
  #ended: Error | undefined;

  put(message: Buffer): void {
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#messages.push(message);
    else taker.resolve(message);
  }

  end(error: Error): void {
    this.#ended ??= error;
    for (const taker of this.#waiting.splice(0)) taker.reject(error);
  }

  take(withinMs = 5_000): Promise<Buffer> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const taker = {
        resolve: (taken: Buffer) => {
          clearTimeout(timer);
          resolve(taken);
        },
        reject: (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(taker), 1);
        reject(new Error(`no reply within ${withinMs} ms`));
      }, withinMs);
      this.#waiting.push(taker);
    });
  }
}
