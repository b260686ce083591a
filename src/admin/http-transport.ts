// A listener of the admin server: HTTP/1.1, with limits on connections, headers, requests and time. It runs in the main
// thread, so whatever a client does may cost other clients next to nothing. A client's faults end its own connection.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { ListenAddress } from "../net/listen-address.ts";
import type { TableLimits } from "../server/connection-table.ts";
import { descriptorsOf } from "../server/descriptor-of.ts";
import { OpenConnections } from "../server/open-connections.ts";
import type { AcceptCounts, Connection } from "../server/open-connections.ts";
import { listenOn } from "../server/tcp-transport.ts";
import { asError } from "../server/transport.ts";
import type { Transport, TransportEvents } from "../server/transport.ts";

/** Limits of a listener; times in milliseconds. */
export interface HttpLimits extends TableLimits {
  /** Headers of one request, URL included. */
  readonly headerBytes: number;
  /** From a connection, or from its last response, until all headers of a request are there. */
  readonly headersMs: number;
  /** How long a connection without a request is kept after a response. */
  readonly idleMs: number;
  /** How long a connection may stand still, be it that its client does not read. */
  readonly stalledMs: number;
  /** Requests of one connection that wait for their responses; it is closed at more. */
  readonly pending: number;
}

const HTTP_LIMITS: HttpLimits = {
  connections: 64,
  connectionsPerClient: 32,
  headerBytes: 16 * 1024,
  headersMs: 5_000,
  idleMs: 30_000,
  stalledMs: 60_000,
  pending: 4,
};
/** How often node:http looks for requests that are late. */
const CHECK_INTERVAL_MS = 1_000;

/** Settings of a listener. */
export interface HttpSettings extends TransportEvents {
  /** A listening socket to use. */
  readonly given?: number | undefined;
  readonly limits?: Partial<HttpLimits>;
}

/** Listens on `address` and serves `app`; rejects with a `ListenError`. */
export async function openHttp(
  address: ListenAddress,
  app: Pick<Hono, "fetch">,
  settings: HttpSettings,
): Promise<Transport> {
  const limits = { ...HTTP_LIMITS, ...settings.limits };
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.headersMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, limits.headersMs),
  });
  server.setTimeout(limits.stalledMs);
  return new HttpTransport(server, await listenOn(server, address, settings.given), app, limits, settings);
}

class HttpTransport implements Transport {
  readonly address: ListenAddress;
  readonly descriptors: readonly number[];
  readonly counts: AcceptCounts = { accepted: 0, open: 0, evicted: 0, acceptErrors: 0 };
  readonly #connections: OpenConnections<HttpConnection>;
  readonly #bySocket = new WeakMap<Socket, HttpConnection>();
  readonly #limits: HttpLimits;
  #requests = 0;

  /** `server` listens on `address` already. */
  constructor(
    server: Server,
    address: ListenAddress,
    app: Pick<Hono, "fetch">,
    limits: HttpLimits,
    { onFault }: TransportEvents,
  ) {
    this.address = address;
    this.descriptors = descriptorsOf(server);
    this.#limits = limits;
    this.#connections = new OpenConnections(server, limits, this.counts, onFault);
    // HTTP/1.0 has requests without a Host header. Without the other option the adapter replaces the global Request.
    const options = { hostname: "localhost", overrideGlobalObjects: false };
    const listener = getRequestListener((request) => app.fetch(request), options);
    server.on("connection", (socket: Socket) => this.#accept(socket));
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      if (!this.#begin(incoming, outgoing)) return;
      listener(incoming, outgoing).catch((thrown: unknown) => onFault(asError(thrown)));
    });
  }

  /** Its connections stay here until `close`. */
  handOver(): Promise<void> {
    this.#connections.stopListening();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#connections.close(() => this.#requests);
  }

  #accept(socket: Socket): void {
    const client = this.#connections.admit(socket);
    if (client === undefined) return;
    const connection = new HttpConnection(socket);
    this.#bySocket.set(socket, connection);
    this.#connections.track(connection, socket, client);
  }

  /** Counts a request; false: its connection has too many, and is closed. */
  #begin(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const connection = this.#bySocket.get(incoming.socket);
    if (connection === undefined) return false;
    this.#requests++;
    if (connection.pending >= this.#limits.pending) {
      connection.destroy();
      return false;
    }
    connection.pending++;
    outgoing.on("close", () => {
      connection.ended();
      this.#connections.touch(connection);
    });
    return true;
  }
}

class HttpConnection implements Connection {
  pending = 0;
  readonly #socket: Socket;
  #isEnding = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isBusy(): boolean {
    return this.pending > 0;
  }

  /** A response has been sent, or its client has gone. */
  ended(): void {
    this.pending--;
    if (this.#isEnding) this.finish();
  }

  finish(): void {
    this.#isEnding = true;
    if (this.pending === 0) this.#socket.end();
  }

  evict(): void {
    this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
