// DNS over TLS (RFC 7858): opens the listener and tracks handshakes; after that a connection is one as over TCP.
// A client that uses ALPN must offer `dot`. Clients need no certificate.
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Connection } from "./open-connections.ts";
import { SocketMap } from "./socket-map.ts";
import { listenOn, StreamTransport, TCP_LIMITS, type TcpLimits, type TcpTransport } from "./tcp-transport.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import type { TransportSettings } from "./transport.ts";

/** Settings of a TLS transport. */
export interface TlsSettings extends TransportSettings {
  /** A listening socket to use. */
  readonly given?: number | undefined;
  readonly identity: TlsIdentity;
  /** `firstQueryMs` applies to the handshake too. */
  readonly limits?: Partial<TcpLimits> | undefined;
}

/** Listens on `address` and answers queries, with the identity's current certificate; rejects with a `ListenError`. */
export async function openTls(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: TlsSettings,
): Promise<TcpTransport> {
  const { identity } = settings;
  const limits = { ...TCP_LIMITS, ...settings.limits };
  const server = createServer({
    ...identity.secureContextOptions,
    ALPNProtocols: ["dot"],
    handshakeTimeout: limits.firstQueryMs,
    noDelay: true,
  });
  const bound = await listenOn(server, address, settings.given);
  const transport = new StreamTransport(server, bound, answerer, limits, settings);
  const handshakes = new SocketMap<Handshake>();
  server.on("connection", (socket) => {
    const client = transport.connections.admit(socket);
    if (client === undefined) return;
    const handshake = new Handshake(socket, client);
    handshakes.set(socket, handshake);
    transport.connections.track(handshake, socket, client);
  });
  server.on("secureConnection", (socket) => {
    const handshake = handshakes.get(socket);
    // The client has reset the connection.
    if (handshake === undefined) return void socket.destroy();
    transport.connections.untrack(handshake);
    // Only now: a client that leaves during the handshake must not stay half open.
    socket.allowHalfOpen = true;
    transport.serve(socket, handshake.client, "tls");
  });
  server.on("tlsClientError", (_error, socket) => {
    // Any port scan causes this: count it without reporting a fault.
    transport.counts.failedHandshakes++;
    socket.destroy();
  });
  identity.follow(server);
  return transport;
}

/** A connection in its TLS handshake. */
class Handshake implements Connection {
  readonly isBusy = false;
  readonly client: string;
  readonly #socket: Socket;

  constructor(socket: Socket, client: string) {
    this.#socket = socket;
    this.client = client;
  }

  finish(): void {
    this.destroy();
  }

  evict(): void {
    this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
