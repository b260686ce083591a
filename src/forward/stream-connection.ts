// One TCP or TLS connection to an upstream: queries go out as they come, replies come back in any order (RFC 7766 6).
// Nothing is written before the connection is trusted. Does not reconnect; bounded in queries, time and idleness.
import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { faultOf } from "./exchange.ts";
import type { ExchangeFault, ExchangeResult } from "./exchange.ts";
import { MessageReader, writeFrame } from "../dns/framing.ts";
import { checkReply } from "./reply-check.ts";
import { withId } from "./upstream-query.ts";

/** Queries that wait for a reply on one connection. */
const PIPELINED_MAX = 1_000;
/** From the last reply to our closing; servers close after seconds too (RFC 7766 6.2.3). */
const IDLE_MS = 10_000;
/** A connection that owes a reply for so long, and has said nothing since, takes no more queries. */
const STALE_MS = 1_000;
const IDS = 0x1_0000;

interface Pending {
  readonly query: Uint8Array;
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: ExchangeResult) => void;
}

/** Takes queries from its first moment, and ends by itself. */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #readyEvent: "connect" | "secureConnect";
  readonly #reader = new MessageReader();
  readonly #pending = new Map<number, Pending>();
  /** What waits for the connection. */
  #unsent: Uint8Array[] | undefined = [];
  /** When the connection stood, or anything came on it. */
  #heardAt = performance.now();
  #lastReplyAt = -Infinity;
  #ended = false;

  /** `socket` is connecting; `readyEvent` says that it may be written to. */
  constructor(socket: Socket, readyEvent: "connect" | "secureConnect", onEnd: () => void) {
    this.#socket = socket;
    this.#readyEvent = readyEvent;
    let fault: ExchangeFault = { fault: "closed" };
    socket.setNoDelay(true);
    socket.once(readyEvent, () => this.#onReady());
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => (this.#ended = true));
    socket.on("timeout", () => this.destroy());
    socket.on("error", (error) => (fault = this.#faultOf(error)));
    socket.on("close", () => {
      this.#ended = true;
      for (const { settle } of [...this.#pending.values()]) settle(fault);
      onEnd();
    });
  }

  /** Whether another query has good prospects here. */
  get isUsable(): boolean {
    const oldest = this.#pending.values().next().value;
    const silentSince = oldest === undefined ? Infinity : Math.max(oldest.sentAt, this.#heardAt);
    return !this.#ended && performance.now() - silentSince < STALE_MS;
  }

  /** Whether it has been of use: then an end may be the server's idle timer, not its refusal. */
  get isProven(): boolean {
    return this.#lastReplyAt > -Infinity;
  }

  /** Asks `query` under an id that no other query here has; settles within `withinMs` milliseconds. */
  ask(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    if (this.#pending.size >= PIPELINED_MAX) {
      return Promise.resolve({ fault: "busy", detail: `${PIPELINED_MAX} queries are outstanding` });
    }
    let id = randomInt(IDS);
    while (this.#pending.has(id)) id = randomInt(IDS);
    const sent = withId(query, id);
    return new Promise((resolve) => {
      const settle = (result: ExchangeResult): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
        if (this.#pending.size === 0 && this.#unsent === undefined) this.#socket.setTimeout(IDLE_MS);
        resolve(result);
      };
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        settle({ fault: "timeout" });
        // A connection that has gone silent may have been forgotten by what lies between.
        if (this.#lastReplyAt < sentAt) this.destroy();
      }, withinMs);
      this.#pending.set(id, { query: sent, sentAt, timer, settle });
      this.#socket.setTimeout(0);
      if (this.#unsent === undefined) this.#socket.write(writeFrame(sent));
      else this.#unsent.push(writeFrame(sent));
    });
  }

  /** Closes at once; what is outstanding gets the fault `closed`. */
  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #onReady(): void {
    this.#heardAt = performance.now();
    this.#socket.cork();
    for (const frame of this.#unsent ?? []) this.#socket.write(frame);
    this.#socket.uncork();
    this.#unsent = undefined;
  }

  #onData(chunk: Buffer): void {
    if (this.#socket.destroyed) return;
    this.#heardAt = performance.now();
    const reader = this.#reader;
    reader.feed(chunk);
    for (let step = reader.next(); step !== "more"; step = reader.next()) {
      if (step === "malformed") return this.#fail({ fault: "garbage", detail: "no DNS messages on the stream" });
      // A copy: a small message must not keep a whole chunk alive.
      this.#onMessage(new Uint8Array(reader.bytes.subarray(reader.start, reader.end)));
    }
  }

  #onMessage(message: Uint8Array): void {
    const id = (message[0]! << 8) | message[1]!;
    const pending = this.#pending.get(id);
    // A reply that nobody waits for any more.
    if (pending === undefined) return;
    const fit = checkReply(pending.query, message, false);
    if (fit !== "reply") {
      const detail = fit === "malformed" ? "a malformed reply" : "a reply to another question";
      return pending.settle({ fault: "garbage", detail });
    }
    this.#lastReplyAt = this.#heardAt;
    pending.settle({ reply: message });
  }

  #fail(fault: ExchangeFault): void {
    for (const { settle } of [...this.#pending.values()]) settle(fault);
    this.destroy();
  }

  #faultOf(error: Error): ExchangeFault {
    return faultOf(error, this.#readyEvent === "secureConnect" && this.#unsent !== undefined);
  }
}
