// Shared by the listeners of TCP and TLS: limits, counters, and the connections that answer queries.
// Opens nothing: tcp.ts and tls.ts pass in a listening server and the sockets that it accepts.
import { Socket } from "node:net";
import type { Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { TableLimits } from "./connection-table.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { type Connection, OpenConnections } from "./open-connections.ts";
import { clientOf } from "./socket-address.ts";
import { type ConnectionContext, type ConnectionLimits, TcpConnection, type TcpCounts } from "./tcp-connection.ts";
import { ReplyBuffer } from "./tcp-reply-buffer.ts";
import { descriptorsOf } from "./descriptor-of.ts";
import type { PassConnection, Transport, TransportSettings } from "./transport.ts";

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

/** How long connections may take until they can go to a successor: the longest wait for an upstream, and some. */
const HAND_OVER_MS = 4_500;
const HAND_OVER_RETRY_MS = 3;

/** A bound TCP or TLS transport and its counters. */
export interface TcpTransport extends Transport {
  readonly counts: Readonly<TcpCounts>;
}

/**
 * Makes `server` listen on `address`, or on the listening socket `given` that is there. Resolves with the address and
 * its actual port; rejects with a `ListenError`.
 */
export function listenOn(server: Server, address: ListenAddress, given?: number): Promise<ListenAddress> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(address, "TCP", error)));
    server.listen(
      given === undefined ? { host, port, ipv6Only: host === "::", exclusive: true } : { fd: given },
      () => {
        server.removeAllListeners("error");
        const bound = server.address();
        resolve({ ...address, port: typeof bound === "object" && bound !== null ? bound.port : 0 });
      },
    );
  });
}

/** A listening server and its connections. */
export class StreamTransport implements TcpTransport {
  readonly address: ListenAddress;
  readonly counts: TcpCounts = {
    accepted: 0,
    open: 0,
    chunks: 0,
    replies: 0,
    evicted: 0,
    timedOut: 0,
    malformed: 0,
    failedHandshakes: 0,
    acceptErrors: 0,
  };
  readonly connections: OpenConnections<Connection>;
  readonly descriptors: readonly number[];
  readonly #context: ConnectionContext;
  readonly #listener: number;

  /** `server` listens on `address` already. */
  constructor(
    server: Server,
    address: ListenAddress,
    answerer: LateAnswerer,
    limits: TcpLimits,
    settings: TransportSettings,
  ) {
    this.address = address;
    this.#listener = settings.listener ?? 0;
    this.descriptors = descriptorsOf(server);
    const onFault = (fault: Error): void => settings.onFault(fault);
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
    const of = clientOf(transport, client, socket.remotePort, this.#listener);
    this.connections.track(new TcpConnection(socket, of, this.#context), socket, client);
  }

  /** Of a TLS connection only its process knows the keys, so it can't go. */
  async handOver(pass: PassConnection): Promise<void> {
    this.connections.stopListening();
    if (this.address.scheme !== undefined) return;
    const deadlineMs = performance.now() + HAND_OVER_MS;
    while (this.#pass(pass) > 0 && performance.now() < deadlineMs) await delay(HAND_OVER_RETRY_MS);
  }

  /** Passes the connections that can go; returns how many are left. */
  #pass(pass: PassConnection): number {
    let left = 0;
    for (const connection of [...this.connections.all()]) {
      const descriptor = connection instanceof TcpConnection ? connection.descriptor : undefined;
      // Closed at once, so that nothing more is read here; the other process keeps the connection open.
      if (descriptor !== undefined && pass(descriptor)) connection.destroy();
      else left++;
    }
    return left;
  }

  adopt(descriptor: number): void {
    const socket = new Socket({ fd: descriptor, allowHalfOpen: true });
    socket.setNoDelay(true);
    const client = this.connections.admit(socket);
    if (client !== undefined) this.serve(socket, client, "tcp");
  }

  close(): Promise<void> {
    return this.connections.close(() => this.counts.chunks);
  }
}
