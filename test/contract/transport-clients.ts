// Clients on plain sockets, and answerers, for the tests of transports. Uses nothing of the code under test.
// A query here is 12 bytes or more: an id, then any bytes.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectSecure, type ConnectionOptions, type TLSSocket } from "node:tls";
import { HAND_OVER, type LateAnswerer } from "../../src/answer/answerer.ts";
import type { ListenAddress } from "../../src/net/listen-address.ts";

/** A client of one server. Replies come in the order of their arrival. */
export interface Client {
  /** Resolves when the bytes are handed to the kernel. */
  send(...queries: Uint8Array[]): Promise<void>;
  /** The next reply; rejects if none comes within `timeoutMs`, and when the server has closed. */
  receive(timeoutMs?: number): Promise<Buffer>;
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

/** Replies with the query and QR=1. Drops short queries, and replies, so that nothing loops. */
export const echo: LateAnswerer = {
  answer(query, start, end, reply, replyStart) {
    if (end - start < 12 || (query[start + 2]! & 0x80) !== 0) return 0;
    reply.set(query.subarray(start, end), replyStart);
    reply[replyStart + 2] = reply[replyStart + 2]! | 0x80;
    return end - start;
  },
  answerLate: (query) => Promise.resolve(echoOf(query)),
};

/** Replies with id, QR=1 and as many bytes as the query's bytes 4 and 5 say, filled with byte 6. */
export const sized: LateAnswerer = {
  answer(query, start, _end, reply, replyStart) {
    const bytes = (query[start + 4]! << 8) | query[start + 5]!;
    reply.fill(query[start + 6]!, replyStart, replyStart + bytes);
    reply.set(query.subarray(start, start + 2), replyStart);
    reply[replyStart + 2] = 0x80;
    return bytes;
  },
  answerLate: (query, client) => echo.answerLate(query, client),
};

/** As `echo`, but throws for a query whose byte 3 is 0xff. */
export const broken: LateAnswerer = {
  answer(query, start, ...rest) {
    if (query[start + 3] === 0xff) throw new Error("a bug");
    return echo.answer(query, start, ...rest);
  },
  answerLate: (query, client) => echo.answerLate(query, client),
};

/** Byte 3 of a query that `LateEcho` hands over. */
const HANDED_OVER = 0xf1;

/** As `echo`, but hands over queries of `makeLateQuery` and answers them on `release`. */
export class LateEcho implements LateAnswerer {
  readonly #waiting = new Map<number, { query: Uint8Array; resolve(reply: Uint8Array): void }>();

  /** Ids of the queries waiting for their answer. */
  get waiting(): readonly number[] {
    return [...this.#waiting.keys()];
  }

  answer(...args: Parameters<LateAnswerer["answer"]>): number {
    const [query, start] = args;
    return query[start + 3] === HANDED_OVER ? HAND_OVER : echo.answer(...args);
  }

  answerLate(query: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.#waiting.set((query[0]! << 8) | query[1]!, { query, resolve }));
  }

  /** Answers the waiting queries, or those with `ids`, with `reply` or the echo. */
  release(ids: readonly number[] = this.waiting, reply?: Uint8Array): void {
    for (const id of ids) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) throw new Error(`query ${id} does not wait`);
      this.#waiting.delete(id);
      waiting.resolve(reply ?? echoOf(waiting.query));
    }
  }
}

/** A query that `LateEcho` hands over. */
export function makeLateQuery(id: number, bytes = 12): Buffer {
  const query = makeQuery(id, bytes);
  query[3] = HANDED_OVER;
  return query;
}

/** A query that `LateEcho` answers at once. */
export function makeEarlyQuery(id: number): Buffer {
  const query = makeQuery(id);
  query[3] = 0;
  return query;
}

/** A query for `sized`, and its expected reply. */
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
    receive: (timeoutMs) => inbox.take(timeoutMs),
    close: () => socket.close(),
  };
}

/** A message behind its length, as on TCP. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(2 + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, 2);
  return framed;
}

/** A client on a stream; `socket` is for tests of bytes and ends. */
export type StreamClient<S extends Socket = Socket> = Client & { readonly socket: S };

/** A TCP client. */
export async function connectTcp(server: ListenAddress, localAddress?: string): Promise<StreamClient> {
  const from = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host: server.host, port: server.port, noDelay: true, allowHalfOpen: true, ...from });
  const client = streamClient(socket);
  await once(socket, "connect");
  return client;
}

/** A client of DNS over TLS that trusts `options.ca`; rejects with the error of the handshake. */
export async function connectTls(server: ListenAddress, options: ConnectionOptions): Promise<StreamClient<TLSSocket>> {
  // The one option of node that is missing in its types.
  const halfOpen = { allowHalfOpen: true };
  const socket = connectSecure({ ...options, ...halfOpen, host: server.host, port: server.port });
  const client = streamClient(socket);
  await once(socket, "secureConnect");
  return client;
}

/** Reads and writes messages on a stream. */
function streamClient<S extends Socket>(socket: S): StreamClient<S> {
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
  return {
    socket,
    send(...queries) {
      const bytes = Buffer.concat(queries.map(frame));
      return new Promise((resolve, reject) =>
        socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error))),
      );
    },
    receive: (timeoutMs) => inbox.take(timeoutMs),
    close: () => socket.destroy(),
  };
}

/** The errors of a client that is writing when the server closes: a reset can come before the end. */
export const closedOrReset = /^closed$|ECONNRESET|EPIPE/;

/** Milliseconds until the server closes the connection; a reply before that is an error. */
export async function closedAfter(client: Client, how = /^closed$/): Promise<number> {
  const start = performance.now();
  const reason = await client.receive().then(
    (reply) => new Error(`a reply of ${reply.length} bytes`),
    (error: Error) => error,
  );
  if (!how.test(reason.message)) throw reason;
  return performance.now() - start;
}

/** Resolves when `holds()` does; rejects with `what` after `timeoutMs`. */
export async function until(holds: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
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

  take(timeoutMs = 5_000): Promise<Buffer> {
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
        reject(new Error(`no reply within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.push(taker);
    });
  }
}
