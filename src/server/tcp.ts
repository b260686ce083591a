// DNS over TCP (RFC 7766): listens, bounds how many connections there are, and closes with their queries answered.
// Binds its address alone: the listener is the lock that keeps a second process from sharing the port unnoticed.
import { createServer, type Server, type Socket } from "node:net";
import type { Answerer } from "../answer/answerer.ts";
import { ConnectionTable, type TableLimits } from "./connection-table.ts";
import type { ListenAddress } from "./listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { LARGEST_MESSAGE_BYTES, LENGTH_BYTES } from "./message-reader.ts";
import { type ConnectionContext, type ConnectionLimits, TcpConnection, type TcpCounts } from "./tcp-connection.ts";
import { CLOSE_LIMITS, type Transport, type TransportEvents, untilQuiet } from "./transport.ts";

/** Bounds of one TCP transport. */
export interface TcpLimits extends TableLimits, ConnectionLimits {
  /**
   * Unsent replies that stop a connection from being read. One holds at most this, one reply, one half-read message
   * and two chunks of 64 KiB from the kernel.
   */
  readonly unsentBytes: number;
}

/** The limits that hold unless others are given. */
export const TCP_LIMITS: TcpLimits = {
  connections: 1_000,
  connectionsPerClient: 200,
  firstQueryMs: 5_000,
  idleMs: 10_000,
  halfMessageMs: 5_000,
  unsentMs: 10_000,
  unsentBytes: 16 * 1024,
};

/** What a TCP transport is opened with. */
export interface TcpSettings extends TransportEvents {
  readonly limits?: Partial<TcpLimits>;
}

/** A bound TCP transport, with what it has counted. */
export interface TcpTransport extends Transport {
  readonly counts: Readonly<TcpCounts>;
}

/** Listens on `address` and answers there; rejects with a `ListenError`. */
export function openTcp(address: ListenAddress, answerer: Answerer, settings: TcpSettings): Promise<TcpTransport> {
  const limits = { ...TCP_LIMITS, ...settings.limits };
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: limits.unsentBytes });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(address, "TCP", error)));
    server.listen({ host: address.host, port: address.port, ipv6Only: address.host === "::", exclusive: true }, () => {
      server.removeAllListeners("error");
      resolve(new NetTransport(server, address.host, answerer, limits, settings));
    });
  });
}

class NetTransport implements TcpTransport {
  readonly address: ListenAddress;
  readonly counts: TcpCounts = {
    accepted: 0,
    received: 0,
    replies: 0,
    evicted: 0,
    timedOut: 0,
    malformed: 0,
    acceptErrors: 0,
  };
  readonly #server: Server;
  readonly #context: ConnectionContext;
  readonly #table: ConnectionTable<TcpConnection>;
  #acceptFails = false;
  #closed: Promise<void> | undefined;

  constructor(server: Server, host: string, answerer: Answerer, limits: TcpLimits, events: TransportEvents) {
    const bound = server.address();
    this.address = { host, port: typeof bound === "object" && bound !== null ? bound.port : 0 };
    this.#server = server;
    this.#table = new ConnectionTable(limits);
    this.#context = {
      answerer,
      limits,
      counts: this.counts,
      reply: new Uint8Array(LENGTH_BYTES + LARGEST_MESSAGE_BYTES),
      onFault: (fault) => events.onFault(fault),
      onReply: (connection) => this.#table.touch(connection),
    };
    server.on("connection", (socket) => this.#accept(socket));
    server.on("error", (error) => this.#onAcceptError(error));
  }

  close(): Promise<void> {
    this.#closed ??= this.#drainAndClose();
    return this.#closed;
  }

  async #drainAndClose(): Promise<void> {
    // Closing the listener resets what waits in its backlog: first take what is there.
    await untilQuiet(() => this.counts.accepted + this.counts.received, CLOSE_LIMITS.quietMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#table.connections()]) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of [...this.#table.connections()]) connection.destroy();
    }, CLOSE_LIMITS.unsentMs);
    await closed;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    this.#acceptFails = false;
    this.counts.accepted++;
    const client = socket.remoteAddress;
    if (client === undefined) {
      // Reset before it was accepted.
      socket.on("error", () => undefined);
      socket.destroy();
      return;
    }
    const idle = this.#table.mustGo(client);
    if (idle !== undefined) {
      this.counts.evicted++;
      this.#table.delete(idle);
      idle.destroy();
    }
    const connection = new TcpConnection(socket, this.#context);
    this.#table.add(connection, client);
    socket.on("close", () => this.#table.delete(connection));
  }

  #onAcceptError(error: Error): void {
    this.counts.acceptErrors++;
    // Out of descriptors, every attempt fails: told once, until one succeeds.
    if (!this.#acceptFails) this.#context.onFault(error);
    this.#acceptFails = true;
  }
}
