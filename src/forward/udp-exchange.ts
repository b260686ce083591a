// Asks over UDP: each query from a socket, and so a port, of its own under a random id (RFC 5452 4.5, 9.2). Sockets are
// connected: the kernel drops what strangers send, and tells at once when nobody listens.
// Knows nothing of retries, of TCP or of other upstreams.
import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { HEADER_SIZE } from "../dns/constants.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { canonicalIp } from "../std/ip.ts";
import { faultOf } from "./exchange.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { checkReply } from "./reply-check.ts";
import { mixCase, questionEndOf, withId } from "./upstream-query.ts";
import type { Upstream } from "./upstream.ts";

export interface UdpExchangeSettings {
  /** Whether the name's letter cases are random and must come back as they were: more to guess for a forger. */
  readonly mixedCase: boolean;
  /** Called for each datagram that is not the reply to its query. */
  readonly onMismatch: () => void;
}

/** Sockets of one upstream; a thousand answers of 50 ms are 20,000 a second. */
const SOCKETS_MAX = 1_000;
/** Datagrams that do not fit, after which a query's port is given up: somebody guesses, or the upstream is broken. */
const MISMATCHES_MAX = 3;
const IDS = 0x1_0000;

/** An upstream over UDP; truncated replies are given as they are. */
export class UdpExchange implements Exchange {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #attempts = new Set<Attempt>();
  #closed = false;

  constructor(upstream: Upstream, settings: UdpExchangeSettings) {
    this.#upstream = upstream;
    this.#settings = settings;
  }

  /** The fault is `garbage` where what came was not, or not usably, the reply. */
  async exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    if (this.#closed) return { fault: "closed" };
    if (this.#attempts.size >= SOCKETS_MAX) return { fault: "busy", detail: `${SOCKETS_MAX} queries are outstanding` };
    const attempt = new Attempt(this.#upstream, this.#settings, query);
    this.#attempts.add(attempt);
    const result = await attempt.run(withinMs);
    this.#attempts.delete(attempt);
    return result;
  }

  close(): void {
    this.#closed = true;
    for (const attempt of this.#attempts) attempt.settle({ fault: "closed" });
  }
}

/** One query on one socket. */
class Attempt {
  readonly #upstream: Upstream;
  readonly #settings: UdpExchangeSettings;
  readonly #query: Uint8Array;
  /** The query with its id and letter cases. */
  readonly #sent: Uint8Array;
  readonly #result = Promise.withResolvers<ExchangeResult>();
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #mismatches = 0;

  constructor(upstream: Upstream, settings: UdpExchangeSettings, query: Uint8Array) {
    this.#upstream = upstream;
    this.#settings = settings;
    this.#query = query;
    this.#sent = withId(query, randomInt(IDS));
    if (settings.mixedCase) mixCase(this.#sent, randomBytes((NAME_SIZE_MAX + 7) >> 3));
  }

  run(withinMs: number): Promise<ExchangeResult> {
    const { host, port } = this.#upstream;
    const family = host.includes(":") ? 6 : 4;
    // Only addresses come here: no look-up, and no turn of the event loop for one.
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      lookup: (address, _options, done) => done(null, address, family),
    });
    this.#socket = socket;
    this.#timer = setTimeout(() => this.settle({ fault: "timeout" }), withinMs);
    socket.on("error", (error) => this.settle(faultOf(error)));
    socket.on("message", (message, from) => this.#onMessage(message, from));
    // Not by the callback of `connect`: it is given what "error" is given too.
    socket.on("connect", () => {
      // The event comes a moment later, to a socket that may have been closed.
      if (this.#socket !== undefined) socket.send(this.#sent, (error) => error && this.settle(faultOf(error)));
    });
    socket.connect(port, host);
    return this.#result.promise;
  }

  #onMessage(message: Buffer, from: RemoteInfo): void {
    if (this.#socket === undefined) return;
    const { mixedCase, onMismatch } = this.#settings;
    // Between its first moment and its connection a socket takes in what anybody sends.
    const isUpstream = from.port === this.#upstream.port && canonicalIp(from.address) === this.#upstream.host;
    const fit = isUpstream ? checkReply(this.#sent, message, mixedCase) : "stranger";
    if (fit === "reply") {
      const reply = new Uint8Array(message);
      if (reply.length > HEADER_SIZE) {
        // The question in the letter cases that it was asked in, and with it all names that point there.
        reply.set(this.#query.subarray(HEADER_SIZE, questionEndOf(this.#query)), HEADER_SIZE);
      }
      this.settle({ reply });
      return;
    }
    onMismatch();
    this.#mismatches++;
    if (fit === "malformed") this.settle({ fault: "garbage", detail: "a malformed reply" });
    else if (this.#mismatches >= MISMATCHES_MAX) {
      this.settle({ fault: "garbage", detail: `${MISMATCHES_MAX} datagrams that are not the reply` });
    }
  }

  settle(result: ExchangeResult): void {
    clearTimeout(this.#timer);
    this.#result.resolve(result);
    this.#socket?.close();
    this.#socket = undefined;
  }
}
