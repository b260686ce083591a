// One UDP socket, and so one source port, to an upstream: mostly for a single query, for several under random ids when
// many are under way. Connected: the kernel drops datagrams from other addresses, and reports a closed port.
// RFC 5452 4.5 and 9.2 (how to match a reply).
import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { HEADER_SIZE } from "../dns/constants.ts";
import { questionEnd } from "../dns/message.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { canonicalIp } from "../net/ip.ts";
import { faultOf, TIMED_OUT } from "./exchange.ts";
import type { ExchangeFault, ExchangeResult } from "./exchange.ts";
import { checkReply } from "./reply-check.ts";
import { mixCase, withId } from "./upstream-query.ts";
import type { Upstream } from "../net/upstream.ts";

export interface UdpExchangeSettings {
  /** Whether the name's letter case is random and must come back as sent: more for a forger to guess. */
  readonly mixedCase: boolean;
  /** Called for each datagram that matches no query. */
  readonly onMismatch: () => void;
}

/**
 * After so many mismatches somebody is guessing, or the upstream is broken: the port takes no more queries, and a
 * mismatch fails the query with its id. After so many for each query sent, all queries fail.
 */
export const MISMATCHES_MAX = 3;
/** Queries of one port in its life: a port that stays open can be found by scanning. */
export const QUERIES_PER_PORT_MAX = 32;
const IDS = 0x1_0000;

interface PendingQuery {
  readonly query: Uint8Array;
  /** The query with its id and letter case. */
  readonly sent: Uint8Array;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: ExchangeResult) => void;
}

export class UdpPort {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #socket: Socket;
  readonly #pending = new Map<number, PendingQuery>();
  /** Ids of finished queries: a late or repeated reply is no mismatch. At most `QUERIES_PER_PORT_MAX`. */
  readonly #settled = new Set<number>();
  readonly #onEnd: () => void;
  #isConnected = false;
  #isClosed = false;
  #sentCount = 0;
  #mismatches = 0;

  /** `onEnd` is called once, when no query is under way any more and the socket is closed. */
  constructor(upstream: Upstream, settings: UdpExchangeSettings, onEnd: () => void) {
    this.#upstream = upstream;
    this.#settings = settings;
    this.#onEnd = onEnd;
    const { host, port } = upstream;
    const family = host.includes(":") ? 6 : 4;
    // `host` is an address: answering the look-up here saves a turn of the event loop.
    this.#socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      lookup: (address, _options, done) => done(null, address, family),
    });
    this.#socket.on("error", (error) => this.end(faultOf(error)));
    this.#socket.on("message", (message, from) => this.#onMessage(message, from));
    // Not by the callback of `connect`, which gets errors as well.
    this.#socket.on("connect", () => {
      this.#isConnected = true;
      for (const { sent } of this.#pending.values()) this.#send(sent);
    });
    this.#socket.connect(port, host);
  }

  /** Whether it may take another query. */
  get isOpen(): boolean {
    return !this.#isClosed && this.#sentCount < QUERIES_PER_PORT_MAX && this.#mismatches < MISMATCHES_MAX;
  }

  /** Sends a query under an id that is new to this port; settles within `timeoutMs` milliseconds. */
  ask(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (timeoutMs <= 0) return Promise.resolve(TIMED_OUT);
    const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
    let id = randomInt(IDS);
    while (this.#pending.has(id) || this.#settled.has(id)) id = randomInt(IDS);
    const sent = withId(query, id);
    if (this.#settings.mixedCase) mixCase(sent, randomBytes((NAME_SIZE_MAX + 7) >> 3));
    const timer = setTimeout(() => this.#settle(id, { fault: "timeout" }), timeoutMs);
    this.#pending.set(id, { query, sent, timer, settle: resolve });
    this.#sentCount++;
    if (this.#isConnected) this.#send(sent);
    return promise;
  }

  /** Ends all queries under way with this fault. */
  end(fault: ExchangeFault): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, fault);
  }

  #send(sent: Uint8Array): void {
    // The "connect" event comes late: the socket may be closed by now.
    if (!this.#isClosed) this.#socket.send(sent, (error) => error && this.end(faultOf(error)));
  }

  #onMessage(message: Buffer, from: RemoteInfo): void {
    if (this.#isClosed) return;
    // Before it is connected a socket receives from any address.
    const isUpstream = from.port === this.#upstream.port && canonicalIp(from.address) === this.#upstream.host;
    const id = message.length < 2 ? -1 : message.readUInt16BE(0);
    if (isUpstream && this.#settled.has(id)) return;
    const pending = isUpstream ? this.#pending.get(id) : undefined;
    const match = pending === undefined ? "unrelated" : checkReply(pending.sent, message, this.#settings.mixedCase);
    if (pending !== undefined && match === "reply") {
      const reply = new Uint8Array(message);
      if (reply.length > HEADER_SIZE) {
        // Restores the letter case of the question, and so of all names that are compressed into it.
        reply.set(pending.query.subarray(HEADER_SIZE, questionEnd(pending.query)), HEADER_SIZE);
      }
      return this.#settle(id, { reply });
    }
    this.#settings.onMismatch();
    this.#mismatches++;
    if (match === "malformed") return this.#settle(id, { fault: "garbage", detail: "a malformed reply" });
    const fault = { fault: "garbage", detail: `${this.#mismatches} unrelated datagrams` } as const;
    if (this.#mismatches >= MISMATCHES_MAX * this.#sentCount) this.end(fault);
    else if (this.#mismatches >= MISMATCHES_MAX) this.#settle(id, fault);
  }

  #settle(id: number, result: ExchangeResult): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#settled.add(id);
    clearTimeout(pending.timer);
    pending.settle(result);
    if (this.#pending.size > 0 || this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#onEnd();
  }
}
