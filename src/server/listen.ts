// Opens a server's listeners, all or none, and closes them together: UDP and TCP (RFC 7766 section 5), or the transport
// that the address's scheme names. TCP comes first: its bind is exclusive, so a second process on the port fails.
import type { LateAnswerer } from "../answer/answerer.ts";
import { assert } from "../std/assert.ts";
import { isWildcard, type ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { TCP_LIMITS } from "./tcp-transport.ts";
import type { TcpLimits } from "./tcp-transport.ts";
import { openTcp } from "./tcp.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import { openTls } from "./tls.ts";
import type { Transport, TransportEvents } from "./transport.ts";
import { openUdp, type UdpLimits } from "./udp-dgram.ts";

/** Settings of a server's listeners. */
export interface ListenSettings extends TransportEvents {
  /** The port to use where the requested one is in use or not permitted. */
  readonly fallbackPort?: number;
  /** Opens UDP; default: by node:dgram. */
  readonly openUdp?: (address: ListenAddress) => Promise<Transport>;
  readonly udpLimits?: Partial<UdpLimits>;
  /** For TCP and TLS. */
  readonly tcpLimits?: Partial<TcpLimits>;
  /** For each listener that has connections; its own limit if that is smaller. */
  readonly connectionsMax?: number;
  /** Required for addresses with a scheme. */
  readonly identity?: TlsIdentity;
}

/** The open listeners of a server. */
export interface Listeners {
  /** In the requested order, with the actual ports. */
  readonly addresses: readonly ListenAddress[];
  /** Answers what has arrived, then frees all sockets. Resolves within a second, never rejects. */
  close(): Promise<void>;
}

/** Attempts to find a port that is free for both TCP and UDP. */
const FREE_PORT_ATTEMPTS_MAX = 16;

/** Opens all addresses; one without a scheme gets UDP and TCP. Rejects with the first `ListenError`, with none open. */
export async function openListeners(
  addresses: readonly ListenAddress[],
  answerer: LateAnswerer,
  settings: ListenSettings,
): Promise<Listeners> {
  const open: Transport[] = [];
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.map((transport) => transport.close()));
  };
  const resolved: ListenAddress[] = [];
  try {
    for (const address of addresses) {
      try {
        const opened = await openAddress(address, answerer, settings);
        open.push(...opened);
        resolved.push(opened[0].address);
      } catch (error) {
        // With wildcards of both families, one may be of a family that the system does not support.
        const isUnsupported = error instanceof ListenError && error.code === "EAFNOSUPPORT" && isWildcard(address.host);
        if (!isUnsupported || addresses.length === 1) throw error;
        settings.onFault(error);
      }
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  return { addresses: resolved, close: closeAll };
}

type Opened = readonly [Transport, ...Transport[]];

async function openAddress(address: ListenAddress, answerer: LateAnswerer, settings: ListenSettings): Promise<Opened> {
  const { identity, onFault } = settings;
  if (address.scheme === undefined) return openPairOrFallback(address, answerer, settings);
  assert(identity !== undefined, `${address.scheme} without a certificate`);
  if (address.scheme === "https") {
    // Loaded only when needed: HTTP is a large part of the server's code.
    const { openHttps } = await import("./https.ts");
    return [await openHttps(address, answerer, { identity, onFault, limits: connectionLimits(settings) })];
  }
  return [await openTls(address, answerer, { identity, onFault, limits: tcpLimitsOf(settings) })];
}

type Pair = readonly [tcp: Transport, udp: Transport];

async function openPairOrFallback(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: ListenSettings,
): Promise<Pair> {
  const { fallbackPort } = settings;
  try {
    return await openPair(address, answerer, settings);
  } catch (error) {
    if (fallbackPort === undefined || address.port === 0 || address.port === fallbackPort) throw error;
    if (!isRefusedPort(error)) throw error;
    return openPair({ host: address.host, port: fallbackPort }, answerer, settings);
  }
}

async function openPair(address: ListenAddress, answerer: LateAnswerer, settings: ListenSettings): Promise<Pair> {
  const { onFault, udpLimits } = settings;
  const openDatagrams = settings.openUdp ?? ((at) => openUdp(at, answerer, { onFault, limits: udpLimits }));
  for (let attempt = 1; ; attempt++) {
    const tcp = await openTcp(address, answerer, { onFault, limits: tcpLimitsOf(settings) });
    try {
      return [tcp, await openDatagrams(tcp.address)];
    } catch (error) {
      await tcp.close();
      const mayTryAnother = address.port === 0 && attempt < FREE_PORT_ATTEMPTS_MAX && isRefusedPort(error);
      if (!mayTryAnother) throw error;
    }
  }
}

function isRefusedPort(error: unknown): boolean {
  return error instanceof ListenError && (error.code === "EADDRINUSE" || error.code === "EACCES");
}

function tcpLimitsOf(settings: ListenSettings): Partial<TcpLimits> {
  return { ...connectionLimits(settings), ...settings.tcpLimits };
}

function connectionLimits({ connectionsMax = Infinity }: ListenSettings): Pick<TcpLimits, "connections"> {
  return { connections: Math.min(TCP_LIMITS.connections, connectionsMax) };
}
