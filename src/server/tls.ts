// DNS over TLS (RFC 7858): opens the listener and sees handshakes through; then it is a connection as over TCP. Who
// offers protocols by ALPN must offer `dot`; clients are asked for no certificate.
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Connection } from "./open-connections.ts";
import { listenOn, StreamTransport, TCP_LIMITS, type TcpLimits, type TcpTransport } from "./tcp-transport.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import type { TransportEvents } from "./transport.ts";

/** What a TLS transport is opened with. */
export interface TlsSettings extends TransportEvents {
  readonly identity: TlsIdentity;
  /** `firstQueryMs` bounds the handshake too. */
  readonly limits?: Partial<TcpLimits>;
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
  const handshakes = new Map<string, Handshake>();
  server.on("connection", (socket) => {
    const client = transport.connections.admit(socket);
    if (client === undefined) return;
    const key = keyOf(socket);
    const handshake = new Handshake(socket, client);
    handshakes.set(key, handshake);
    transport.connections.hold(handshake, socket, client);
    socket.on("close", () => {
      if (handshakes.get(key) === handshake) handshakes.delete(key);
    });
  });
  server.on("secureConnection", (socket) => {
    const key = keyOf(socket);
    const handshake = handshakes.get(key);
    // Reset meanwhile.
    if (handshake === undefined) return void socket.destroy();
    handshakes.delete(key);
    transport.connections.letGo(handshake);
    // Not before: who goes within the handshake is to be gone at once.
    socket.allowHalfOpen = true;
    transport.serve(socket, handshake.client, "tls");
  });
  server.on("tlsClientError", (_error, socket) => {
    // Whoever scans the port can bring this about: counted, not told.
    transport.counts.failedHandshakes++;
    socket.destroy();
  });
  server.on(
    "close",
    identity.onReplace(() => server.setSecureContext(identity.secureContextOptions)),
  );
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
    // A reset is an ordinary end; "close" follows.
    socket.on("error", () => undefined);
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

/** The ends of a connection: node doesn't tell which accepted socket a TLS socket was made of. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
