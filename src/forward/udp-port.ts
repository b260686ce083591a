// One socket, and so one port, from which an upstream is asked: mostly a single query, and several under random ids
// where many are under way. Connected: the kernel drops what strangers send, and tells when nobody listens.
// RFC 5452 4.5 and 9.2 (what a reply must have).
import { questionEnd } from "../dns/message.ts";
import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { HEADER_SIZE } from "../dns/constants.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { canonicalIp } from "../net/ip.ts";
import { faultOf } from "./exchange.ts";
import type { ExchangeFault, ExchangeResult } from "./exchange.ts";
import { checkReply } from "./reply-check.ts";
import { mixCase, withId } from "./upstream-query.ts";
import type { Upstream } from "../net/upstream.ts";

export interface UdpExchangeSettings {
  /** Whether the name's letter cases are random and must come back as they were: more to guess for a forger. */
  readonly mixedCase: boolean;
  /** Called for each datagram that is not the reply to its query. */
  readonly onMismatch: () => void;
}

/**
 * Datagrams that do not fit, from which on a port takes no more queries, and gives up the one that the next such
 * datagram is about: somebody guesses, or the upstream is broken. So many for each query served, and all are given up.
 */
export const MISMATCHES_MAX = 3;
/** Queries that a port serves in its life: a port that stays can be found. */
export const QUERIES_PER_PORT = 32;
const IDS = 0x1_0000;

interface Asked {
  readonly query: Uint8Array;
  /** The query with its id and letter cases. */
  readonly sent: Uint8Array;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: ExchangeResult) => void;
}

export class UdpPort {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #socket: Socket;
  readonly #asked = new Map<number, Asked>();
  /** Ids of what is over: a reply that comes late or twice is nobody's guess. At most `QUERIES_PER_PORT`. */
  readonly #settled = new Set<number>();
  readonly #onEnd: () => void;
  #isConnected = false;
  #isClosed = false;
  #served = 0;
  #mismatches = 0;

  /** `onEnd` is called once, when nothing is under way any more and the socket is closed. */
  constructor(upstream: Upstream, settings: UdpExchangeSettings, onEnd: () => void) {
    this.#upstream = upstream;
    this.#settings = settings;
    this.#onEnd = onEnd;
    const { host, port } = upstream;
    const family = host.includes(":") ? 6 : 4;
    // Only addresses come here: no look-up, and no turn of the event loop for one.
    this.#socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      lookup: (address, _options, done) => done(null, address, family),
    });
    this.#socket.on("error", (error) => this.end(faultOf(error)));
    this.#socket.on("message", (message, from) => this.#onMessage(message, from));
    // Not by the callback of `connect`: it is given what "error" is given too.
    this.#socket.on("connect", () => {
      this.#isConnected = true;
      for (const { sent } of this.#asked.values()) this.#send(sent);
    });
    this.#socket.connect(port, host);
  }

  /** Whether it may take another query. */
  get isOpen(): boolean {
    return !this.#isClosed && this.#served < QUERIES_PER_PORT && this.#mismatches < MISMATCHES_MAX;
  }

  /** Asks under an id that no other query here has or had. */
  ask(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
    let id = randomInt(IDS);
    while (this.#asked.has(id) || this.#settled.has(id)) id = randomInt(IDS);
    const sent = withId(query, id);
    if (this.#settings.mixedCase) mixCase(sent, randomBytes((NAME_SIZE_MAX + 7) >> 3));
    const timer = setTimeout(() => this.#settle(id, { fault: "timeout" }), withinMs);
    this.#asked.set(id, { query, sent, timer, settle: resolve });
    this.#served++;
    if (this.#isConnected) this.#send(sent);
    return promise;
  }

  /** Gives all that is under way this fault. */
  end(fault: ExchangeFault): void {
    for (const id of [...this.#asked.keys()]) this.#settle(id, fault);
  }

  #send(sent: Uint8Array): void {
    // The event comes a moment later, to a socket that may have been closed.
    if (!this.#isClosed) this.#socket.send(sent, (error) => error && this.end(faultOf(error)));
  }

  #onMessage(message: Buffer, from: RemoteInfo): void {
    if (this.#isClosed) return;
    // Between its first moment and its connection a socket takes in what anybody sends.
    const isUpstream = from.port === this.#upstream.port && canonicalIp(from.address) === this.#upstream.host;
    const id = message.length < 2 ? -1 : message.readUInt16BE(0);
    if (isUpstream && this.#settled.has(id)) return;
    const asked = isUpstream ? this.#asked.get(id) : undefined;
    const fit = asked === undefined ? "stranger" : checkReply(asked.sent, message, this.#settings.mixedCase);
    if (asked !== undefined && fit === "reply") {
      const reply = new Uint8Array(message);
      if (reply.length > HEADER_SIZE) {
        // The question in the letter cases that it was asked in, and with it all names that point there.
        reply.set(asked.query.subarray(HEADER_SIZE, questionEnd(asked.query)), HEADER_SIZE);
      }
      return this.#settle(id, { reply });
    }
    this.#settings.onMismatch();
    this.#mismatches++;
    if (fit === "malformed") return this.#settle(id, { fault: "garbage", detail: "a malformed reply" });
    const fault = { fault: "garbage", detail: `${this.#mismatches} datagrams that are not the reply` } as const;
    if (this.#mismatches >= MISMATCHES_MAX * this.#served) this.end(fault);
    else if (this.#mismatches >= MISMATCHES_MAX) this.#settle(id, fault);
  }

  #settle(id: number, result: ExchangeResult): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    this.#settled.add(id);
    clearTimeout(asked.timer);
    asked.settle(result);
    if (this.#asked.size > 0 || this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#onEnd();
  }
}
