// DNS over TLS (RFC 7858): opens the listener and sees handshakes through; then it is a connection as over TCP. Who
// offers protocols by ALPN must offer `dot`; clients are asked for no certificate.
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Connection } from "./open-connections.ts";
import { SocketMap } from "./socket-map.ts";
import { listenOn, StreamTransport, TCP_LIMITS, type TcpLimits, type TcpTransport } from "./tcp-transport.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import type { TransportEvents } from "./transport.ts";

/** What a TLS transport is opened with. */
export interface TlsSettings extends TransportEvents {
  readonly identity: TlsIdentity;
  /** `firstQueryMs` bounds the handshake too. */
  readonly limits?: Partial<TcpLimits> | undefined;
}

/** Listens on `address` and answers there, with the identity's present certificate; rejects with a `ListenError`. */
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
  const bound = await listenOn(server, address);
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
    // Reset meanwhile.
    if (handshake === undefined) return void socket.destroy();
    transport.connections.untrack(handshake);
    // Not before: who goes within the handshake is to be gone at once.
    socket.allowHalfOpen = true;
    transport.serve(socket, handshake.client, "tls");
  });
  server.on("tlsClientError", (_error, socket) => {
    // Whoever scans the port can bring this about: counted, not told.
    transport.counts.failedHandshakes++;
    socket.destroy();
  });
  identity.follow(server);
  return transport;
}

/** A connection on which TLS is not agreed on yet. */
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
