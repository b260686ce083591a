// DNS over HTTPS (RFC 8484) by HTTP/2 and HTTP/1.1: listens, limits connections, and answers pending requests on close.
// A client's faults end its own connection; none is thrown, logged or reported.
import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { TableLimits } from "./connection-table.ts";
import { DohAnswerer, type DohReply } from "./doh-answerer.ts";
import {
  HttpsConnection,
  type HttpsConnectionLimits,
  type HttpsContext,
  type HttpsCounts,
} from "./https-connection.ts";
import type { HttpsRequest } from "./https-request.ts";
import { descriptorsOf } from "./descriptor-of.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { OpenConnections } from "./open-connections.ts";
import { clientOf } from "./socket-address.ts";
import { SocketMap } from "./socket-map.ts";
import { listenOn } from "./tcp-transport.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import type { Transport, TransportSettings } from "./transport.ts";

/** Limits of an HTTPS transport. A connection holds at most `headerBytes`, `bufferedBytes` and one read of TLS. */
export interface HttpsLimits extends TableLimits, HttpsConnectionLimits {
  /**
   * Pending requests of all connections, each some 16 kB beside its body; at more, the connection with the most of them
   * is closed.
   */
  readonly requests: number;
  /** Headers of one request, URL included. */
  readonly headerBytes: number;
  /** Streams that an HTTP/2 client may reset at once, and then per second, before its connection is closed. */
  readonly resets: number;
  readonly resetsPerSecond: number;
  /** Invalid frames of an HTTP/2 client, after which its connection is closed. */
  readonly invalidFrames: number;
}

/** The default limits. */
const HTTPS_LIMITS: HttpsLimits = {
  connections: 1_000,
  connectionsPerClient: 200,
  requests: 2_000,
  firstRequestMs: 5_000,
  idleMs: 30_000,
  requestMs: 10_000,
  streams: 100,
  bufferedBytes: 256 * 1024,
  // More than a URL may have, so that a URL that is too long, even by 64 kB of base64, still gets its status.
  headerBytes: 128 * 1024,
  resets: 200,
  resetsPerSecond: 20,
  invalidFrames: 100,
};

/** A client that takes one reply from each TLS record and loses the others, by its user agent. */
const ONE_REPLY_PER_RECORD = "dnsperf/";

/** Settings of an HTTPS transport. */
export interface HttpsSettings extends TransportSettings {
  /** A listening socket to use. */
  readonly given?: number | undefined;
  readonly identity: TlsIdentity;
  readonly limits?: Partial<HttpsLimits>;
}

/** A bound HTTPS transport and its counters. */
export interface HttpsTransport extends Transport {
  readonly counts: Readonly<HttpsCounts>;
}

/** Listens on `address` and answers queries; rejects with a `ListenError`. */
export async function openHttps(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: HttpsSettings,
): Promise<HttpsTransport> {
  const limits = { ...HTTPS_LIMITS, ...settings.limits };
  // HttpsConnection has deadlines for both versions; node's own, for HTTP/1.1 only, are off.
  const http1Options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
  };
  const server = createSecureServer({
    ...settings.identity.secureContextOptions,
    allowHTTP1: true,
    http1Options,
    handshakeTimeout: limits.firstRequestMs,
    settings: { enablePush: false, maxConcurrentStreams: limits.streams, maxHeaderListSize: limits.headerBytes },
    streamResetBurst: limits.resets,
    streamResetRate: limits.resetsPerSecond,
    maxSessionInvalidFrames: limits.invalidFrames,
  });
  return new NodeHttpsTransport(server, await listenOn(server, address, settings.given), answerer, limits, settings);
}

class NodeHttpsTransport implements HttpsTransport {
  readonly address: ListenAddress;
  readonly descriptors: readonly number[];
  readonly counts: HttpsCounts = {
    accepted: 0,
    open: 0,
    requests: 0,
    pending: 0,
    evicted: 0,
    timedOut: 0,
    acceptErrors: 0,
  };
  readonly #answerer: DohAnswerer;
  readonly #context: HttpsContext;
  readonly #listener: number;
  readonly #connections: OpenConnections<HttpsConnection>;
  readonly #bySocket = new SocketMap<HttpsConnection>();

  /** `server` listens on `address` already. */
  constructor(
    server: Http2SecureServer,
    address: ListenAddress,
    answerer: LateAnswerer,
    limits: HttpsLimits,
    settings: HttpsSettings,
  ) {
    this.address = address;
    this.descriptors = descriptorsOf(server);
    this.#answerer = new DohAnswerer(answerer, settings);
    this.#listener = settings.listener ?? 0;
    this.#connections = new OpenConnections(server, limits, this.counts, (fault) => settings.onFault(fault));
    this.#context = {
      limits,
      counts: this.counts,
      onRequest: () => {
        if (this.counts.pending >= limits.requests) this.#connections.evict(busiest(this.#connections.all()));
      },
      onResponse: (connection) => this.#connections.touch(connection),
    };
    server.on("connection", (socket: Socket) => this.#accept(socket));
    server.on("secureConnection", (secure: TLSSocket) => {
      const connection = this.#bySocket.get(secure);
      if (connection !== undefined) connection.secure = secure;
    });
    server.on("session", (session: ServerHttp2Session) => {
      const connection = this.#bySocket.get(session.socket);
      if (connection === undefined) return;
      connection.session = session;
      session.on("stream", (stream, headers) => this.#takeStream(connection, stream, headers));
    });
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => this.#take(incoming, outgoing));
    // Whoever listens to requests gets those of HTTP/2 too, as objects of HTTP/1.1, at twice the cost.
    server.removeAllListeners("stream");
    settings.identity.follow(server);
  }

  /** Its connections stay here: only this process knows their keys. */
  handOver(): Promise<void> {
    this.#connections.stopListening();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#connections.close(() => this.counts.requests);
  }

  #accept(socket: Socket): void {
    const address = this.#connections.admit(socket);
    if (address === undefined) return;
    const client = clientOf("https", address, socket.remotePort, this.#listener);
    const connection = new HttpsConnection(socket, client, this.#context);
    this.#connections.track(connection, socket, address);
    this.#bySocket.set(socket, connection);
  }

  /** Takes a request by HTTP/2. */
  #takeStream(connection: HttpsConnection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // A stream that the client resets.
    stream.on("error", () => undefined);
    const { ":method": method, ":path": url = "/", expect } = headers as Readonly<Record<string, string | undefined>>;
    const request = connection.begin(
      {
        method: method!,
        url,
        contentType: headers["content-type"],
        contentLength: headers["content-length"],
        body: stream,
      },
      stream,
    );
    if (request === undefined) return;
    if (expect !== undefined) stream.additionalHeaders({ ":status": 100 });
    const write = (reply: DohReply): void => writeReply(stream, method!, reply);
    const isPicky = headers["user-agent"]?.startsWith(ONE_REPLY_PER_RECORD) === true;
    this.#respond(request, isPicky ? (reply) => connection.writeInTurn(() => write(reply)) : write);
  }

  /** Takes a request by HTTP/1.1. */
  #take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "", url = "/", headers } = incoming;
    const request = this.#bySocket.get(incoming.socket)?.begin(
      {
        method,
        url,
        contentType: headers["content-type"],
        contentLength: headers["content-length"],
        body: incoming,
      },
      outgoing,
    );
    if (request === undefined) return;
    this.#respond(request, ({ status, headers: fields, body }) => {
      if (outgoing.destroyed) return;
      outgoing.writeHead(status, fields);
      outgoing.end(method === "HEAD" ? undefined : body);
      incoming.resume();
    });
  }

  #respond(request: HttpsRequest, send: (reply: DohReply) => void): void {
    const reply = this.#answerer.respond(request);
    if (reply instanceof Promise) void reply.then(send);
    else send(reply);
  }
}

function writeReply(stream: ServerHttp2Stream, method: string, { status, headers, body }: DohReply): void {
  if (stream.destroyed || stream.closed) return;
  const endStream = method === "HEAD";
  stream.respond({ ":status": status, ...headers }, { endStream });
  // What nobody reads would hold back the stream's end; `readBody` says why that comes last.
  const onWritten = (): void => void stream.resume();
  if (endStream) onWritten();
  // With the end in the same call, headers aside, the reply is one frame.
  else stream.end(body, onWritten);
}

function busiest(connections: Iterable<HttpsConnection>): HttpsConnection | undefined {
  let most: HttpsConnection | undefined;
  for (const each of connections) if (each.requests > (most?.requests ?? 0)) most = each;
  return most;
}
