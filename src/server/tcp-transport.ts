// What listeners over TCP and over TLS share: how many connections there may be, who makes room, and how they close.
// Opens nothing: tcp.ts and tls.ts hand in a server that listens, and the sockets it accepts.
import type { Server, Socket } from "node:net";
import type { LateAnswerer } from "../answer/answerer.ts";
import { ConnectionTable, type Held, type TableLimits } from "./connection-table.ts";
import type { ListenAddress } from "./listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { clientOf } from "./socket-address.ts";
import { type ConnectionContext, type ConnectionLimits, TcpConnection, type TcpCounts } from "./tcp-connection.ts";
import { ReplyRoom } from "./tcp-reply-room.ts";
import { CLOSE_LIMITS, type Transport, type TransportEvents, untilQuiet } from "./transport.ts";

/** Bounds of one TCP transport. */
export interface TcpLimits extends TableLimits, ConnectionLimits {}

/** The limits that hold unless others are given. */
export const TCP_LIMITS: TcpLimits = {
  connections: 1_000,
  connectionsPerClient: 200,
  firstQueryMs: 5_000,
  idleMs: 10_000,
  halfMessageMs: 5_000,
  unsentMs: 10_000,
  unsentBytes: 16 * 1024,
  lateAnswers: 100,
  lateUnsentBytes: 256 * 1024,
};

/** A bound TCP transport, with what it has counted. */
export interface TcpTransport extends Transport {
  readonly counts: Readonly<TcpCounts>;
}

/** What takes room among the connections. */
export interface Connection extends Held {
  /** Answers the queries in hand, then closes. */
  finish(): void;
  /** Closes now, to make room. */
  evict(): void;
  /** Closes at once; what is not sent yet is lost. */
  destroy(): void;
}

/** Has `server` listen on `address`; resolves with the address, its port resolved; rejects with a `ListenError`. */
export function listenOn(server: Server, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(address, "TCP", error)));
    server.listen({ host: address.host, port: address.port, ipv6Only: address.host === "::", exclusive: true }, () => {
      server.removeAllListeners("error");
      const bound = server.address();
      resolve({ ...address, port: typeof bound === "object" && bound !== null ? bound.port : 0 });
    });
  });
}

/** A listening server and its connections. */
export class StreamTransport implements TcpTransport {
  readonly address: ListenAddress;
  readonly counts: TcpCounts = {
    accepted: 0,
    received: 0,
    replies: 0,
    evicted: 0,
    timedOut: 0,
    malformed: 0,
    failedHandshakes: 0,
    acceptErrors: 0,
  };
  readonly #server: Server;
  readonly #context: ConnectionContext;
  readonly #table: ConnectionTable<Connection>;
  #acceptFails = false;
  #closed: Promise<void> | undefined;

  /** `address`: where `server` listens. */
  constructor(
    server: Server,
    address: ListenAddress,
    answerer: LateAnswerer,
    limits: TcpLimits,
    events: TransportEvents,
  ) {
    this.address = address;
    this.#server = server;
    this.#table = new ConnectionTable(limits);
    this.#context = {
      answerer,
      limits,
      counts: this.counts,
      room: new ReplyRoom(),
      onFault: (fault) => events.onFault(fault),
      onReply: (connection) => this.#table.touch(connection),
    };
    server.on("error", (error) => this.#onAcceptError(error));
  }

  /** Makes room for a new socket; returns its client's address, or undefined where that is gone again. */
  admit(socket: Socket): string | undefined {
    this.#acceptFails = false;
    this.counts.accepted++;
    const client = socket.remoteAddress;
    if (client === undefined) {
      // Reset before it was accepted.
      socket.on("error", () => undefined);
      socket.destroy();
      return undefined;
    }
    const idle = this.#table.mustGo(client);
    if (idle !== undefined) {
      this.counts.evicted++;
      this.#table.delete(idle);
      idle.evict();
    }
    return client;
  }

  /** Counts a connection of `client` among those that are open, until its socket closes or it is let go. */
  hold(connection: Connection, socket: Socket, client: string): void {
    this.#table.add(connection, client);
    socket.on("close", () => this.letGo(connection));
  }

  letGo(connection: Connection): void {
    this.#table.delete(connection);
  }

  /** Answers what comes on the socket of a client that was admitted. */
  serve(socket: Socket, client: string, transport: "tcp" | "tls"): void {
    this.hold(new TcpConnection(socket, clientOf(transport, client), this.#context), socket, client);
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

  #onAcceptError(error: Error): void {
    this.counts.acceptErrors++;
    // Out of descriptors, every attempt fails: told once, until one succeeds.
    if (!this.#acceptFails) this.#context.onFault(error);
    this.#acceptFails = true;
  }
}
