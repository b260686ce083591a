// UDP by node:dgram (RFC 1035 section 4.2.1). A reply must come from the address that was asked (RFC 2181 section 4),
// and node:dgram cannot choose where it sends from: a wildcard is one socket for each local address, as they change.
import type { LateAnswerer } from "../answer/answerer.ts";
import { expandWildcard, isWildcard, type ListenAddress, type ListInterfaces } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { asError, CLOSE_LIMITS, type Transport, type TransportEvents, untilQuiet } from "./transport.ts";
import { bindUdpSocket, type UdpContext, type UdpCounts, type UdpSocket, type UdpSocketLimits } from "./udp-socket.ts";

/** Bounds of one UDP transport. */
export interface UdpLimits extends UdpSocketLimits {
  /** How often the local addresses behind a wildcard are looked at. */
  readonly recheckMs: number;
}

/** The limits that hold unless others are given. */
const UDP_LIMITS: UdpLimits = {
  replySizeMax: 65_535,
  repliesInFlight: 256,
  receiveBufferBytes: 4 * 1024 * 1024,
  recheckMs: 5_000,
};

/** What a UDP transport is opened with. */
export interface UdpSettings extends TransportEvents {
  readonly limits?: Partial<UdpLimits> | undefined;
  /** `networkInterfaces` of node:os when absent. */
  readonly listInterfaces?: ListInterfaces;
}

/** A bound UDP transport, with what it has counted. */
export interface UdpTransport extends Transport {
  readonly counts: Readonly<UdpCounts>;
}

/** Binds `address` and answers there; rejects with a `ListenError`, all or nothing. */
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
  readonly counts: UdpCounts = { received: 0, replies: 0, dropped: 0, sendErrors: 0, socketErrors: 0 };
  #address: ListenAddress;
  readonly #context: UdpContext;
  readonly #limits: UdpLimits;
  readonly #listInterfaces: ListInterfaces | undefined;
  readonly #sockets = new Map<string, UdpSocket>();
  /** Addresses whose fault has been told: once is enough. */
  readonly #faulty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #following: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(address: ListenAddress, answerer: LateAnswerer, settings: UdpSettings) {
    this.#address = address;
    this.#limits = { ...UDP_LIMITS, ...settings.limits };
    this.#listInterfaces = settings.listInterfaces;
    this.#context = {
      answerer,
      limits: this.#limits,
      counts: this.counts,
      onFault: (fault) => settings.onFault(fault),
    };
  }

  get address(): ListenAddress {
    return this.#address;
  }

  async open(): Promise<void> {
    const wildcard = isWildcard(this.#address.host);
    try {
      for (const host of this.#localHosts()) await this.#bind(host, wildcard);
      // A wildcard may stand for no address yet, but then there is none to take a free port from.
      if (this.#address.port === 0) throw Object.assign(new Error("no local address"), { code: "EADDRNOTAVAIL" });
    } catch (thrown) {
      await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
      throw thrown instanceof ListenError ? thrown : new ListenError(this.#address, "UDP", thrown);
    }
    if (wildcard) this.#recheckLater();
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
      // The first socket of a wildcard takes the free port; the others must have the same.
      this.#address = { host: this.#address.host, port: socket.port };
    } catch (error) {
      // Behind a wildcard an address may go while we look, or (IPv6) not be ready yet: the next check finds it.
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
      this.#tellOnce(this.#address.host, thrown);
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
        this.#faulty.delete(host);
      } catch (thrown) {
        this.#tellOnce(host, thrown);
      }
    }
  }

  #tellOnce(host: string, thrown: unknown): void {
    if (this.#faulty.has(host)) return;
    this.#faulty.add(host);
    this.#context.onFault(asError(thrown));
  }
}
