// UDP by node:dgram (RFC 1035 section 4.2.1). A reply must come from the address that the query was sent to (RFC 2181
// section 4) and node:dgram cannot choose its source address, so a wildcard gets a socket for each local address.
// The sockets follow the machine's addresses as these change.
import type { LateAnswerer } from "../answer/answerer.ts";
import { expandWildcard, isWildcard, type ListenAddress, type ListInterfaces } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { asError, CLOSE_LIMITS, type Transport, type TransportSettings, untilQuiet } from "./transport.ts";
import { bindUdpSocket, type UdpContext, type UdpCounts, type UdpSocket, type UdpSocketLimits } from "./udp-socket.ts";

/** Bounds of one UDP transport. */
export interface UdpLimits extends UdpSocketLimits {
  /** How often a wildcard's sockets are compared with the machine's addresses. */
  readonly recheckMs: number;
}

/** The default limits. */
const UDP_LIMITS: UdpLimits = {
  replySizeMax: 65_535,
  repliesInFlight: 256,
  receiveBufferBytes: 4 * 1024 * 1024,
  recheckMs: 5_000,
};

/** Settings of a UDP transport. */
export interface UdpSettings extends TransportSettings {
  readonly limits?: Partial<UdpLimits> | undefined;
  /** Default: `networkInterfaces` of node:os. */
  readonly listInterfaces?: ListInterfaces;
}

/** A bound UDP transport and its counters. */
export interface UdpTransport extends Transport {
  readonly counts: Readonly<UdpCounts>;
}

/** Binds `address` and answers queries. Rejects with a `ListenError` and leaves no socket open. */
export async function openUdp(
  address: ListenAddress,
  answerer: LateAnswerer,
  settings: UdpSettings,
): Promise<UdpTransport> {
  const transport = new DgramTransport(address, answerer, settings);
  await transport.open();
  return transport;
}

class DgramTransport implements UdpTransport {
  readonly counts: UdpCounts = { received: 0, replies: 0, dropped: 0, queueFull: 0, sendErrors: 0, socketErrors: 0 };
  #address: ListenAddress;
  readonly #context: UdpContext;
  readonly #limits: UdpLimits;
  readonly #listInterfaces: ListInterfaces | undefined;
  readonly #sockets = new Map<string, UdpSocket>();
  /** Addresses that could not be bound and have been reported. */
  readonly #reported = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #following: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(address: ListenAddress, answerer: LateAnswerer, settings: UdpSettings) {
    this.#address = address;
    this.#limits = { ...UDP_LIMITS, ...settings.limits };
    this.#listInterfaces = settings.listInterfaces;
    this.#context = {
      answerer,
      listener: settings.listener ?? 0,
      limits: this.#limits,
      counts: this.counts,
      onFault: (fault) => settings.onFault(fault),
    };
  }

  get address(): ListenAddress {
    return this.#address;
  }

  async open(): Promise<void> {
    const isAnyAddress = isWildcard(this.#address.host);
    try {
      for (const host of this.#localHosts()) await this.#bind(host, isAnyAddress);
      // A wildcard may have no address yet. Then there is no socket to take a free port from.
      if (this.#address.port === 0) throw Object.assign(new Error("no local address"), { code: "EADDRNOTAVAIL" });
    } catch (thrown) {
      await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
      throw thrown instanceof ListenError ? thrown : new ListenError(this.#address, "UDP", thrown);
    }
    if (isAnyAddress) this.#recheckLater();
  }

  close(): Promise<void> {
    this.#closing ??= this.#drainAndClose();
    return this.#closing;
  }

  async #drainAndClose(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#following;
    await untilQuiet(() => this.counts.received, CLOSE_LIMITS.quietMs);
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
  }

  #localHosts(): readonly string[] {
    return expandWildcard(this.#address.host, this.#listInterfaces);
  }

  async #bind(host: string, mayVanish: boolean): Promise<void> {
    try {
      const socket = await bindUdpSocket({ host, port: this.#address.port }, this.#context);
      this.#sockets.set(host, socket);
      // Port 0: the first socket of a wildcard gets a free port, and the others must have the same.
      this.#address = { host: this.#address.host, port: socket.port };
    } catch (error) {
      // A wildcard's address may be removed meanwhile, or (IPv6) not be ready yet: the next check binds it.
      if (mayVanish && error instanceof ListenError && error.code === "EADDRNOTAVAIL") return;
      throw error;
    }
  }

  #recheckLater(): void {
    this.#timer = setTimeout(() => {
      this.#following = this.#follow().then(() => {
        if (this.#closing === undefined) this.#recheckLater();
      });
    }, this.#limits.recheckMs).unref();
  }

  async #follow(): Promise<void> {
    let hosts: readonly string[];
    try {
      hosts = this.#localHosts();
    } catch (thrown) {
      this.#reportOnce(this.#address.host, thrown);
      return;
    }
    for (const [host, socket] of this.#sockets) {
      if (hosts.includes(host)) continue;
      this.#sockets.delete(host);
      await socket.close();
    }
    for (const host of hosts) {
      if (this.#sockets.has(host)) continue;
      try {
        await this.#bind(host, true);
        this.#reported.delete(host);
      } catch (thrown) {
        this.#reportOnce(host, thrown);
      }
    }
  }

  #reportOnce(host: string, thrown: unknown): void {
    if (this.#reported.has(host)) return;
    this.#reported.add(host);
    this.#context.onFault(asError(thrown));
  }
}
