// Shared by the listeners of TCP and TLS: limits, counters, and the connections that answer queries.
// Opens nothing: tcp.ts and tls.ts pass in a listening server and the sockets that it accepts.
import type { Server, Socket } from "node:net";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { TableLimits } from "./connection-table.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { type Connection, OpenConnections } from "./open-connections.ts";
import { clientOf } from "./socket-address.ts";
import { type ConnectionContext, type ConnectionLimits, TcpConnection, type TcpCounts } from "./tcp-connection.ts";
import { ReplyBuffer } from "./tcp-reply-buffer.ts";
import type { Transport, TransportEvents } from "./transport.ts";

/** Limits of a TCP or TLS transport. */
export interface TcpLimits extends TableLimits, ConnectionLimits {}

/** The default limits. */
export const TCP_LIMITS: TcpLimits = {
  connections: 1_000,
  connectionsPerClient: 200,
  firstQueryMs: 5_000,
  idleMs: 10_000,
  halfMessageMs: 5_000,
  unsentMs: 10_000,
  unsentBytes: 16 * 1024,
  // More than one client may have waiting: names of local zones never wait behind those of others.
  lateAnswers: 2_000,
  lateQueryBytes: 256 * 1024,
  lateUnsentBytes: 256 * 1024,
};

/** A bound TCP or TLS transport and its counters. */
export interface TcpTransport extends Transport {
  readonly counts: Readonly<TcpCounts>;
}

/** Makes `server` listen on `address`. Resolves with the address and its actual port; rejects with a `ListenError`. */
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
  readonly connections: OpenConnections<Connection>;
  readonly #context: ConnectionContext;

  /** `server` listens on `address` already. */
  constructor(
    server: Server,
    address: ListenAddress,
    answerer: LateAnswerer,
    limits: TcpLimits,
    events: TransportEvents,
  ) {
    this.address = address;
    const onFault = (fault: Error): void => events.onFault(fault);
    this.connections = new OpenConnections(server, limits, this.counts, onFault);
    this.#context = {
      answerer,
      limits,
      counts: this.counts,
      replies: new ReplyBuffer(),
      onFault,
      onReply: (connection) => this.connections.touch(connection),
    };
  }

  /** Answers the queries on `socket`, whose client has been admitted. */
  serve(socket: Socket, client: string, transport: "tcp" | "tls"): void {
    this.connections.track(new TcpConnection(socket, clientOf(transport, client), this.#context), socket, client);
  }

  close(): Promise<void> {
    return this.connections.close(() => this.counts.received);
  }
}
