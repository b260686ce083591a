// One connection over TCP or TLS: each reply in one write, as soon as it is there, whatever waits before it (RFC 7766
// sections 6.2, 7 and 8). Whatever the peer does, this neither throws nor waits without a deadline, nor holds more than
// the limits name.
import type { Socket } from "node:net";
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { LENGTH_SIZE, MessageReader, writeFrame } from "../dns/framing.ts";
import type { AcceptCounts, Connection } from "./open-connections.ts";
import { type FramedReply, type ReplyRoom } from "./tcp-reply-room.ts";
import { asError } from "./transport.ts";

/** Deadlines of one connection, milliseconds, and what it may hold. */
export interface ConnectionLimits {
  /** From the connection to the first query. */
  readonly firstQueryMs: number;
  /** From a reply to the next query. */
  readonly idleMs: number;
  /** From a message's first byte to its last. */
  readonly halfMessageMs: number;
  /** For the peer to take what has been written. */
  readonly unsentMs: number;
  /**
   * Unsent replies that stop a connection from being read: it holds at most this, one reply, one half-read message and
   * two chunks of 64 KiB from the kernel (over TLS three), beside late replies.
   */
  readonly unsentBytes: number;
  /** Queries whose answers come later: at so many, no more are read. */
  readonly lateAnswers: number;
  /** Who leaves so much unread gets no late reply any more: cut off. */
  readonly lateUnsentBytes: number;
}

/** What has happened on a TCP transport since it was opened. */
export interface TcpCounts extends AcceptCounts {
  /** Chunks of bytes, not queries. */
  received: number;
  replies: number;
  /** Closed because a deadline passed. */
  timedOut: number;
  /** Closed because of a length that no message can have. */
  malformed: number;
  /** Closed before TLS was agreed on. */
  failedHandshakes: number;
}

/** What the connections of one transport share. */
export interface ConnectionContext {
  readonly answerer: LateAnswerer;
  readonly limits: ConnectionLimits;
  readonly counts: TcpCounts;
  readonly room: ReplyRoom;
  readonly onFault: (fault: Error) => void;
  /** The connection has just been of use. */
  readonly onReply: (connection: TcpConnection) => void;
}

/** An accepted connection; it ends by itself. */
export class TcpConnection implements Connection {
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #context: ConnectionContext;
  readonly #reader = new MessageReader();
  /** The peer does not read: nothing is answered or read until what is written has gone. */
  #blocked = false;
  /** Queries handed over whose answers have not come. */
  #late = 0;
  /** No more queries are expected: when those in hand are answered, end. */
  #lastQuery = false;
  /** What follows in the stream can't be read, or not answered. */
  #broken = false;
  #ending = false;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = 0;

  constructor(socket: Socket, client: Client, context: ConnectionContext) {
    this.#socket = socket;
    this.#client = client;
    this.#context = context;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.finish());
    // A reset is an ordinary end. What is not TLS any more leaves the socket open, if nobody closes it.
    socket.on("error", () => this.destroy());
    socket.on("close", () => clearTimeout(this.#deadline));
    this.#setDeadline(context.limits.firstQueryMs);
  }

  /** Whether answers to its queries are on their way. */
  get isBusy(): boolean {
    return this.#late > 0;
  }

  /** Answers the queries in hand, then closes. */
  finish(): void {
    this.#lastQuery = true;
    this.#endWhenDone();
  }

  /** Closes now, in good order where the peer takes what is sent to it. */
  evict(): void {
    if (this.#blocked) this.destroy();
    else this.#end();
  }

  /** Closes at once; what is not sent yet is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Whether queries are left where they are for now. */
  get #isHeld(): boolean {
    return this.#blocked || this.#late >= this.#context.limits.lateAnswers;
  }

  #onData(chunk: Buffer): void {
    this.#context.counts.received++;
    if (this.#ending || this.#broken) return;
    this.#reader.feed(chunk);
    this.#answerAll();
  }

  /** Some of what was written has gone, or is lost. */
  #onSent(): void {
    if (!this.#blocked || this.#ending || this.#socket.destroyed || this.#socket.writableLength > 0) return;
    this.#blocked = false;
    this.#setRestDeadline();
    this.#answerAll();
  }

  #answerAll(): void {
    const { counts, limits } = this.#context;
    const wasMidMessage = this.#reader.midMessage;
    let messages = 0;
    let replies = 0;
    // Replies to queries that came together leave together, when the peer takes them.
    this.#socket.cork();
    while (!this.#isHeld && !this.#broken) {
      const step = this.#reader.next();
      if (step === "more") break;
      messages++;
      if (step === "malformed") counts.malformed++;
      const length = step === "message" ? this.#answer() : "broken";
      if (length === "broken") this.#broken = true;
      else if (length === HAND_OVER) this.#handOver();
      else if (length > 0) {
        replies++;
        this.#write(this.#context.room.frame(length));
      }
    }
    this.#socket.uncork();
    if (replies > 0) this.#context.onReply(this);

    if (this.#isHeld) this.#socket.pause();
    else this.#socket.resume();
    if (this.#blocked) return this.#setDeadline(limits.unsentMs);
    // Bytes that merely trickle in move no deadline: one for a half-read message stands from its first byte.
    if (replies > 0 || (messages > 0 && this.#late > 0)) this.#setRestDeadline();
    else if (this.#reader.midMessage && (messages > 0 || !wasMidMessage)) this.#setDeadline(limits.halfMessageMs);
    this.#endWhenDone();
  }

  /** Answers the reader's message into the shared room; returns the length, as `Answerer.answer`. */
  #answer(): number | "broken" {
    const { answerer, room, onFault } = this.#context;
    const { bytes, start, end } = this.#reader;
    try {
      return answerer.answer(bytes, start, end, room.bytes, LENGTH_SIZE, this.#client);
    } catch (thrown) {
      onFault(asError(thrown));
      return "broken";
    }
  }

  #handOver(): void {
    const { bytes, start, end } = this.#reader;
    this.#late++;
    void this.#answerLate(new Uint8Array(bytes.subarray(start, end)));
  }

  async #answerLate(query: Uint8Array): Promise<void> {
    const { answerer, onFault } = this.#context;
    let reply: Uint8Array | undefined;
    try {
      reply = await answerer.answerLate(query, this.#client);
    } catch (thrown) {
      onFault(asError(thrown));
    }
    this.#late--;
    if (this.#ending || this.#socket.destroyed) return;
    if (reply === undefined) this.#broken = true;
    else if (reply.length > 0) this.#writeLate(reply);
    if (this.#blocked) return;
    if (!this.#reader.midMessage) this.#setRestDeadline();
    this.#answerAll();
  }

  #writeLate(reply: Uint8Array): void {
    const { limits, onReply } = this.#context;
    if (this.#socket.writableLength > limits.lateUnsentBytes) return this.destroy();
    const wasBlocked = this.#blocked;
    this.#write({ bytes: writeFrame(reply), release: undefined });
    onReply(this);
    if (!this.#blocked || wasBlocked) return;
    this.#socket.pause();
    this.#setDeadline(limits.unsentMs);
  }

  #write({ bytes, release }: FramedReply): void {
    this.#socket.write(bytes, () => {
      release?.();
      this.#onSent();
    });
    if (this.#socket.writableLength > this.#context.limits.unsentBytes) this.#blocked = true;
    this.#context.counts.replies++;
  }

  #endWhenDone(): void {
    if ((this.#lastQuery || this.#broken) && !this.#blocked && this.#late === 0) this.#end();
  }

  #end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#setDeadline(this.#context.limits.unsentMs);
    // Once our side is sent, a peer that keeps its own side open may not keep the descriptor.
    this.#socket.end(() => this.#socket.destroy());
  }

  /** After something was answered or handed over: answers that are on their way need no deadline, they always come. */
  #setRestDeadline(): void {
    const { halfMessageMs, idleMs } = this.#context.limits;
    if (this.#reader.midMessage) this.#setDeadline(halfMessageMs);
    else if (this.#late === 0) this.#setDeadline(idleMs);
    else this.#clearDeadline();
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #setDeadline(ms: number): void {
    if (this.#socket.destroyed) return;
    if (this.#deadline !== undefined && this.#deadlineMs === ms) {
      this.#deadline.refresh();
      return;
    }
    this.#clearDeadline();
    this.#deadlineMs = ms;
    this.#deadline = setTimeout(() => this.#onDeadline(), ms).unref();
  }

  #onDeadline(): void {
    this.#deadline = undefined;
    this.#context.counts.timedOut++;
    if (this.#ending) this.destroy();
    else this.evict();
  }
}
