// One TCP connection: queries are answered in the order they come, each reply in one write (RFC 7766 sections 6.2, 8).
// Whatever the peer does, this neither throws nor waits without a deadline, nor holds more than the limits name.
import type { Socket } from "node:net";
import type { Answerer } from "../answer/answerer.ts";
import { LENGTH_BYTES, MessageReader } from "./message-reader.ts";
import { asError } from "./transport.ts";

/** Deadlines of one connection, milliseconds. */
export interface ConnectionLimits {
  /** From the connection to the first query. */
  readonly firstQueryMs: number;
  /** From a reply to the next query. */
  readonly idleMs: number;
  /** From a message's first byte to its last. */
  readonly halfMessageMs: number;
  /** For the peer to take what has been written. */
  readonly unsentMs: number;
}

/** What has happened on a TCP transport since it was opened. */
export interface TcpCounts {
  accepted: number;
  /** Chunks of bytes, not queries. */
  received: number;
  replies: number;
  /** Closed to make room for a newer connection. */
  evicted: number;
  /** Closed because a deadline passed. */
  timedOut: number;
  /** Closed because of a length that no message can have. */
  malformed: number;
  acceptErrors: number;
}

/** What the connections of one transport share. */
export interface ConnectionContext {
  readonly answerer: Answerer;
  readonly limits: ConnectionLimits;
  readonly counts: TcpCounts;
  /** Scratch room for one reply of any size with its length; its bytes are copied out before the next query. */
  readonly reply: Uint8Array;
  readonly onFault: (fault: Error) => void;
  /** The connection has just been of use. */
  readonly onReply: (connection: TcpConnection) => void;
}

/** An accepted connection; it ends by itself. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader = new MessageReader();
  /** The peer does not read: nothing is answered or read until what is written has gone. */
  #blocked = false;
  /** No more queries are expected: when those in hand are answered, end. */
  #lastQuery = false;
  #ending = false;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = 0;

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("drain", () => this.#onDrain());
    socket.on("end", () => this.finish());
    // A reset is an ordinary end; "close" follows.
    socket.on("error", () => undefined);
    socket.on("close", () => clearTimeout(this.#deadline));
    this.#setDeadline(context.limits.firstQueryMs);
  }

  /** Answers the queries in hand, then closes. */
  finish(): void {
    this.#lastQuery = true;
    if (!this.#blocked) this.#end();
  }

  /** Closes at once; what is not sent yet is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#context.counts.received++;
    if (this.#ending) return;
    this.#reader.feed(chunk);
    this.#answerAll();
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#setDeadline(this.#context.limits.idleMs);
    this.#answerAll();
    if (!this.#blocked) this.#socket.resume();
  }

  #answerAll(): void {
    const { limits } = this.#context;
    const wasMidMessage = this.#reader.midMessage;
    let messages = 0;
    let replies = 0;
    let broken = false;
    // Replies to queries that came together leave together, when the peer takes them.
    this.#socket.cork();
    while (!this.#blocked && !broken) {
      const step = this.#reader.next();
      if (step === "more") break;
      if (step === "malformed") this.#context.counts.malformed++;
      const frame = step === "message" ? this.#answer() : "broken";
      messages++;
      if (frame === "broken") broken = true;
      else if (frame !== undefined) {
        replies++;
        this.#blocked = !this.#socket.write(frame);
      }
    }
    this.#socket.uncork();
    if (replies > 0) this.#context.onReply(this);
    this.#context.counts.replies += replies;

    if (broken) return this.#end();
    if (this.#blocked) {
      this.#socket.pause();
      return this.#setDeadline(limits.unsentMs);
    }
    if (this.#lastQuery) return this.#end();
    // Bytes that merely trickle in move no deadline: one for a half-read message stands from its first byte.
    if (replies > 0) this.#setDeadline(limits.idleMs);
    if (this.#reader.midMessage && (messages > 0 || !wasMidMessage)) this.#setDeadline(limits.halfMessageMs);
  }

  /** The framed reply to the reader's message; undefined: none is due. */
  #answer(): Buffer | undefined | "broken" {
    const { answerer, reply, onFault } = this.#context;
    const { bytes, start, end } = this.#reader;
    let length: number;
    try {
      length = answerer.answer(bytes, start, end, reply, LENGTH_BYTES, "stream");
    } catch (thrown) {
      onFault(asError(thrown));
      return "broken";
    }
    if (length === 0) return undefined;
    reply[0] = length >> 8;
    reply[1] = length & 0xff;
    // The socket holds what it is given until it is sent: a copy, as the room is used again at once.
    return Buffer.from(reply.subarray(0, LENGTH_BYTES + length));
  }

  #end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#setDeadline(this.#context.limits.unsentMs);
    // Once our side is sent, a peer that keeps its own side open may not keep the descriptor.
    this.#socket.end(() => this.#socket.destroy());
  }

  #setDeadline(ms: number): void {
    if (this.#socket.destroyed) return;
    if (this.#deadline !== undefined && this.#deadlineMs === ms) {
      this.#deadline.refresh();
      return;
    }
    clearTimeout(this.#deadline);
    this.#deadlineMs = ms;
    this.#deadline = setTimeout(() => {
      this.#context.counts.timedOut++;
      this.destroy();
    }, ms).unref();
  }
}
