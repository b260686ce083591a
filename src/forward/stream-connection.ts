// One TCP or TLS connection to an upstream: queries are pipelined, replies come in any order (RFC 7766 6).
// Writes nothing before the connection is trusted. Does not reconnect; bounded in queries, time and idle time.
import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { faultOf, TIMED_OUT } from "./exchange.ts";
import type { ExchangeFault, ExchangeResult } from "./exchange.ts";
import { MessageReader, writeFrame } from "../dns/framing.ts";
import { checkReply } from "./reply-check.ts";
import { withId } from "./upstream-query.ts";

/** Queries on one connection that wait for a reply. */
const PIPELINED_MAX = 4_000;
/** How long an idle connection stays open; servers close theirs after seconds too (RFC 7766 6.2.3). */
const IDLE_MS = 10_000;
/** A connection that has owed a reply for so long, and been silent since, takes no more queries. */
const STALE_MS = 1_000;
const IDS = 0x1_0000;

interface Pending {
  readonly query: Uint8Array;
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: ExchangeResult) => void;
}

/** Takes queries before it is established, and ends by itself. */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #readyEvent: "connect" | "secureConnect";
  readonly #reader = new MessageReader();
  readonly #pending = new Map<number, Pending>();
  /** Frames that wait for the connection; undefined: it is established. */
  #unsent: Uint8Array[] | undefined = [];
  /** When the connection was established, or data came last. */
  #receivedAt = performance.now();
  #lastReplyAt = -Infinity;
  #isEnded = false;

  /** `socket` is connecting; after `readyEvent` it may be written to. */
  constructor(socket: Socket, readyEvent: "connect" | "secureConnect", onEnd: () => void) {
    this.#socket = socket;
    this.#readyEvent = readyEvent;
    let fault: ExchangeFault = { fault: "closed" };
    socket.setNoDelay(true);
    socket.once(readyEvent, () => this.#onReady());
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => (this.#isEnded = true));
    socket.on("timeout", () => this.destroy());
    socket.on("error", (error) => (fault = this.#faultOf(error)));
    socket.on("close", () => {
      this.#isEnded = true;
      for (const { settle } of [...this.#pending.values()]) settle(fault);
      onEnd();
    });
  }

  /** Whether to send another query here. */
  get isUsable(): boolean {
    const oldest = this.#pending.values().next().value;
    const silentSince = oldest === undefined ? Infinity : Math.max(oldest.sentAt, this.#receivedAt);
    return !this.#isEnded && performance.now() - silentSince < STALE_MS;
  }

  /** Whether any reply came: then a later end may be the server's idle timer, not a refusal. */
  get isProven(): boolean {
    return this.#lastReplyAt > -Infinity;
  }

  /** Sends `query` under an id that is unique here; settles within `timeoutMs` milliseconds. */
  ask(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    if (timeoutMs <= 0) return Promise.resolve(TIMED_OUT);
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
        // A middlebox may have dropped the state of a silent connection.
        if (this.#lastReplyAt < sentAt) this.destroy();
      }, timeoutMs);
      this.#pending.set(id, { query: sent, sentAt, timer, settle });
      this.#socket.setTimeout(0);
      if (this.#unsent === undefined) this.#socket.write(writeFrame(sent));
      else this.#unsent.push(writeFrame(sent));
    });
  }

  /** Closes at once; outstanding queries get the fault `closed`. */
  destroy(): void {
    this.#isEnded = true;
    this.#socket.destroy();
  }

  #onReady(): void {
    this.#receivedAt = performance.now();
    this.#socket.cork();
    for (const frame of this.#unsent ?? []) this.#socket.write(frame);
    this.#socket.uncork();
    this.#unsent = undefined;
  }

  #onData(chunk: Buffer): void {
    this.#receivedAt = performance.now();
    const reader = this.#reader;
    reader.feed(chunk);
    for (let step = reader.next(); step !== "more"; step = reader.next()) {
      if (step === "malformed") return this.#fail({ fault: "garbage", detail: "not DNS messages" });
      // A copy: a small message must not keep a whole chunk alive.
      this.#onMessage(new Uint8Array(reader.bytes.subarray(reader.start, reader.end)));
    }
  }

  #onMessage(message: Uint8Array): void {
    const id = (message[0]! << 8) | message[1]!;
    const pending = this.#pending.get(id);
    // A reply after the timeout.
    if (pending === undefined) return;
    const match = checkReply(pending.query, message, false);
    if (match !== "reply") {
      const detail = match === "malformed" ? "a malformed reply" : "a reply to another question";
      return pending.settle({ fault: "garbage", detail });
    }
    this.#lastReplyAt = this.#receivedAt;
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
