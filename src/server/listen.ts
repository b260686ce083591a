// Opens a server's listeners, all or none, and closes them together: UDP and TCP (RFC 7766 section 5), or the transport
// that the address's scheme names. TCP comes first: its bind is exclusive, so a second process on the port fails.
import type { LateAnswerer } from "../answer/answerer.ts";
import { assert } from "../std/assert.ts";
import { isWildcard, type ListenAddress } from "../net/listen-address.ts";
import type { GivenListener } from "./given-listener.ts";
import { isSameAddress } from "./given-listener.ts";
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
  /** Opens UDP; absent, or resolves with undefined: UDP is opened by node:dgram. */
  readonly openUdp?: (
    address: ListenAddress,
    given: readonly number[],
    listener: number,
  ) => Promise<Transport | undefined>;
  /** Listeners whose sockets are there already. */
  readonly given?: readonly GivenListener[];
  readonly udpLimits?: Partial<UdpLimits>;
  /** For TCP and TLS. */
  readonly tcpLimits?: Partial<TcpLimits>;
  /** For each listener that has connections; its own limit if that is smaller. */
  readonly connectionsMax?: number;
  /** Required for addresses with TLS. */
  readonly identity?: TlsIdentity;
  /** Opens the addresses of the scheme `http`, which have no DNS: `address` is `requested`, or that of `given`. */
  readonly openHttp?: (requested: ListenAddress, address: ListenAddress, given?: number) => Promise<Transport>;
}

/** The open listeners of a server. */
export interface Listeners {
  /** In the requested order, with the actual ports. */
  readonly addresses: readonly ListenAddress[];
  readonly open: readonly OpenListener[];
  /** Serves a connection of the listener at `address` that its predecessor had; false where there is none there. */
  adopt(address: ListenAddress, descriptor: number): boolean;
  /** Leaves new queries and, with `pass`, connections to the process that has the descriptors; `close` is still due. */
  handOver(pass: (listener: number, descriptor: number) => boolean): Promise<void>;
  /** Answers what has arrived, then frees all sockets. Resolves within a second, never rejects. */
  close(): Promise<void>;
}

/** A listener, by its index in `Listeners.open` to other processes. */
export interface OpenListener {
  readonly requested: ListenAddress;
  /** Its place among the requested addresses of DNS: what its clients carry. -1: it serves no queries. */
  readonly listener: number;
  readonly address: ListenAddress;
  readonly stream: Transport;
  /** Absent where the scheme has none. */
  readonly datagrams?: Transport;
}

/** Attempts to find a port that is free for both TCP and UDP. */
const FREE_PORT_ATTEMPTS_MAX = 16;

/** Opens all addresses; one without a scheme gets UDP and TCP. Rejects with the first `ListenError`, with none open. */
export async function openListeners(
  addresses: readonly ListenAddress[],
  answerer: LateAnswerer,
  settings: ListenSettings,
): Promise<Listeners> {
  const open: OpenListener[] = [];
  const transports = (): readonly Transport[] =>
    open.flatMap(({ stream, datagrams }) => [stream, datagrams ?? []].flat());
  const closeAll = async (): Promise<void> => {
    await Promise.all(transports().map((transport) => transport.close()));
  };
  try {
    let listeners = 0;
    for (const requested of addresses) {
      const listener = requested.scheme === "http" ? -1 : listeners++;
      try {
        const opened = await openAddress(requested, answerer, { ...settings, listener });
        open.push({ requested, listener, address: opened.stream.address, ...opened });
      } catch (error) {
        // With wildcards of both families, one may be of a family that the system does not support.
        const isUnsupported =
          error instanceof ListenError && error.code === "EAFNOSUPPORT" && isWildcard(requested.host);
        if (!isUnsupported || addresses.length === 1) throw error;
        settings.onFault(error);
      }
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  return {
    addresses: open.map(({ address }) => address),
    open,
    adopt: (address, descriptor) => {
      const stream = open.find((each) => isSameAddress(each.address, address))?.stream;
      stream?.adopt?.(descriptor);
      return stream?.adopt !== undefined;
    },
    handOver: async (pass) => {
      const handOver = (transport: Transport | undefined, listener: number): Promise<void> =>
        transport?.handOver?.((descriptor) => pass(listener, descriptor)) ?? Promise.resolve();
      await Promise.all(open.flatMap(({ stream, datagrams }, i) => [handOver(stream, i), handOver(datagrams, i)]));
    },
    close: closeAll,
  };
}

type Opened = Pick<OpenListener, "stream" | "datagrams">;
type NumberedSettings = ListenSettings & { readonly listener: number };

async function openAddress(
  requested: ListenAddress,
  answerer: LateAnswerer,
  settings: NumberedSettings,
): Promise<Opened> {
  const { identity, onFault, listener } = settings;
  const given = settings.given?.find((each) => isSameAddress(each.requested, requested));
  const address = given?.address ?? requested;
  if (address.scheme === undefined) return openPairOrFallback(address, answerer, settings, given);
  if (address.scheme === "http") {
    assert(settings.openHttp !== undefined, "an address of HTTP has who opens it");
    return { stream: await settings.openHttp(requested, address, given?.stream) };
  }
  assert(identity !== undefined, `${address.scheme} without a certificate`);
  const stream = { identity, onFault, listener, given: given?.stream };
  if (address.scheme === "https") {
    // Loaded only when needed: HTTP is a large part of the server's code.
    const { openHttps } = await import("./https.ts");
    return { stream: await openHttps(address, answerer, { ...stream, limits: connectionLimits(settings) }) };
  }
  return { stream: await openTls(address, answerer, { ...stream, limits: tcpLimitsOf(settings) }) };
}

async function openPairOrFallback(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: NumberedSettings,
  given: GivenListener | undefined,
): Promise<Opened> {
  const { fallbackPort } = settings;
  try {
    return await openPair(address, answerer, settings, given);
  } catch (error) {
    if (fallbackPort === undefined || address.port === 0 || address.port === fallbackPort) throw error;
    if (!isRefusedPort(error)) throw error;
    return openPair({ host: address.host, port: fallbackPort }, answerer, settings);
  }
}

async function openPair(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: NumberedSettings,
  given?: GivenListener,
): Promise<Opened> {
  const { onFault, listener, udpLimits } = settings;
  const openDatagrams = async (at: ListenAddress): Promise<Transport> =>
    (await settings.openUdp?.(at, given?.datagrams ?? [], listener)) ??
    openUdp(at, answerer, { onFault, listener, limits: udpLimits });
  for (let attempt = 1; ; attempt++) {
    const limits = tcpLimitsOf(settings);
    const stream = await openTcp(address, answerer, { onFault, listener, limits, given: given?.stream });
    try {
      return { stream, datagrams: await openDatagrams(stream.address) };
    } catch (error) {
      await stream.close();
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
