// DNS over TCP (RFC 7766): opens the listener; tcp-transport.ts handles its connections.
// The bind is exclusive: it is the lock that keeps a second process from sharing the port unnoticed.
import { createServer } from "node:net";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { listenOn, StreamTransport, TCP_LIMITS, type TcpLimits, type TcpTransport } from "./tcp-transport.ts";
import type { TransportSettings } from "./transport.ts";

/** Settings of a TCP transport. */
export interface TcpSettings extends TransportSettings {
  /** A listening socket to use. */
  readonly given?: number | undefined;
  readonly limits?: Partial<TcpLimits> | undefined;
}

/** Listens on `address` and answers queries; rejects with a `ListenError`. */
export async function openTcp(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: TcpSettings,
): Promise<TcpTransport> {
  const limits = { ...TCP_LIMITS, ...settings.limits };
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: limits.unsentBytes });
  const bound = await listenOn(server, address, settings.given);
  const transport = new StreamTransport(server, bound, answerer, limits, settings);
  server.on("connection", (socket) => {
    const client = transport.connections.admit(socket);
    if (client !== undefined) transport.serve(socket, client, "tcp");
  });
  return transport;
}
