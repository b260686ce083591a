// A connection over TCP or TLS. Each reply is one write and leaves as soon as it is ready, in any order (RFC 7766
// sections 6.2, 7 and 8). Whatever the client does, the connection does not throw, waits no longer than its deadlines,
// and holds no more than its limits.
import type { Socket } from "node:net";
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import { LENGTH_SIZE, MessageReader, writeFrame } from "../dns/framing.ts";
import type { AcceptCounts, Connection } from "./open-connections.ts";
import type { FramedReply, ReplyBuffer } from "./tcp-reply-buffer.ts";
import { descriptorOf } from "./descriptor-of.ts";
import { asError } from "./transport.ts";

/** Limits of one connection; times in milliseconds. */
export interface ConnectionLimits {
  /** From the connection to the first query. */
  readonly firstQueryMs: number;
  /** From a reply to the next query. */
  readonly idleMs: number;
  /** From a message's first byte to its last. */
  readonly halfMessageMs: number;
  /** For the client to take what has been written. */
  readonly unsentMs: number;
  /**
   * Unsent reply bytes beyond which nothing more is read. Late replies apart, a connection holds at most this, one
   * reply, one incomplete message and two chunks of 64 KiB from the kernel (three over TLS).
   */
  readonly unsentBytes: number;
  /** Queries waiting for a late answer, and their bytes; at this many, nothing more is read. */
  readonly lateAnswers: number;
  readonly lateQueryBytes: number;
  /** Unsent bytes beyond which a late reply closes the connection. */
  readonly lateUnsentBytes: number;
}

/** Counters of a TCP or TLS transport since it was opened. */
export interface TcpCounts extends AcceptCounts {
  /** Chunks of bytes read, not queries. */
  chunks: number;
  replies: number;
  /** Closed because a deadline passed. */
  timedOut: number;
  /** Closed because of a message length that is too short for a header. */
  malformed: number;
  /** Closed before the TLS handshake was complete. */
  failedHandshakes: number;
}

/** Shared by the connections of one transport. */
export interface ConnectionContext {
  readonly answerer: LateAnswerer;
  readonly limits: ConnectionLimits;
  readonly counts: TcpCounts;
  readonly replies: ReplyBuffer;
  readonly onFault: (fault: Error) => void;
  /** Called when the connection has sent replies: it is the last one used now. */
  readonly onReply: (connection: TcpConnection) => void;
}

/** An accepted connection; it closes itself at the client's end or a deadline. */
export class TcpConnection implements Connection {
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #context: ConnectionContext;
  readonly #reader = new MessageReader();
  /** The client does not read: nothing is read or answered until all that is written has been sent. */
  #isBlocked = false;
  /** Queries handed over and not answered yet. */
  #late = 0;
  #lateBytes = 0;
  /** No more queries come: close when the pending ones are answered. */
  #isInputOver = false;
  /** The rest of the stream can't be read or answered: close when the pending queries are answered. */
  #isBroken = false;
  #isEnding = false;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = 0;

  constructor(socket: Socket, client: Client, context: ConnectionContext) {
    this.#socket = socket;
    this.#client = client;
    this.#context = context;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.finish());
    // A reset is an ordinary end. After a TLS error the socket stays open unless it is destroyed.
    socket.on("error", () => this.destroy());
    socket.on("close", () => clearTimeout(this.#deadline));
    this.#setDeadline(context.limits.firstQueryMs);
  }

  /** Whether some of its queries wait for late answers. */
  get isBusy(): boolean {
    return this.#late > 0;
  }

  /** The descriptor of a connection that another process can go on with: nothing is half read or unsent. */
  get descriptor(): number | undefined {
    const isOver = this.#isInputOver || this.#isBroken || this.#isEnding || this.#socket.destroyed;
    const isMidway = this.#late > 0 || this.#isBlocked || this.#reader.midMessage;
    const holdsBytes = this.#socket.readableLength > 0 || this.#socket.writableLength > 0;
    return isOver || isMidway || holdsBytes ? undefined : descriptorOf(this.#socket);
  }

  /** Answers the pending queries, then closes. */
  finish(): void {
    this.#isInputOver = true;
    this.#endWhenDone();
  }

  /** Closes now; in good order where the client reads. */
  evict(): void {
    if (this.#isBlocked) this.destroy();
    else this.#end();
  }

  /** Closes at once and discards what is not sent. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Whether no more queries may be read for now. */
  get #isReadingPaused(): boolean {
    const { lateAnswers, lateQueryBytes } = this.#context.limits;
    return this.#isBlocked || this.#late >= lateAnswers || this.#lateBytes >= lateQueryBytes;
  }

  #onData(chunk: Buffer): void {
    this.#context.counts.chunks++;
    if (this.#isEnding || this.#isBroken) return;
    this.#reader.feed(chunk);
    this.#answerAll();
  }

  /** A write has been sent, or has failed. */
  #onSent(): void {
    if (!this.#isBlocked || this.#isEnding || this.#socket.destroyed || this.#socket.writableLength > 0) return;
    this.#isBlocked = false;
    this.#setRestDeadline();
    this.#answerAll();
  }

  #answerAll(): void {
    const { counts, limits } = this.#context;
    const wasMidMessage = this.#reader.midMessage;
    let messages = 0;
    let replies = 0;
    // Replies to queries that came together leave together.
    this.#socket.cork();
    while (!this.#isReadingPaused && !this.#isBroken) {
      const step = this.#reader.next();
      if (step === "more") break;
      messages++;
      if (step === "malformed") counts.malformed++;
      const length = step === "message" ? this.#answer() : "broken";
      if (length === "broken") this.#isBroken = true;
      else if (length === HAND_OVER) this.#handOver();
      else if (length > 0) {
        replies++;
        this.#write(this.#context.replies.frame(length));
      }
    }
    this.#socket.uncork();
    if (replies > 0) this.#context.onReply(this);

    if (this.#isReadingPaused) this.#socket.pause();
    else this.#socket.resume();
    if (this.#isBlocked) return this.#setDeadline(limits.unsentMs);
    // Trickling bytes extend no deadline: an incomplete message's runs from its first byte.
    if (replies > 0 || (messages > 0 && this.#late > 0)) this.#setRestDeadline();
    else if (this.#reader.midMessage && (messages > 0 || !wasMidMessage)) this.#setDeadline(limits.halfMessageMs);
    this.#endWhenDone();
  }

  /** Answers the reader's message into the shared buffer; returns what `Answerer.answer` does. */
  #answer(): number | "broken" {
    const { answerer, replies, onFault } = this.#context;
    const { bytes, start, end } = this.#reader;
    try {
      return answerer.answer(bytes, start, end, replies.bytes, LENGTH_SIZE, this.#client);
    } catch (thrown) {
      onFault(asError(thrown));
      return "broken";
    }
  }

  #handOver(): void {
    const { bytes, start, end } = this.#reader;
    this.#late++;
    this.#lateBytes += end - start;
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
    this.#lateBytes -= query.length;
    if (this.#isEnding || this.#socket.destroyed) return;
    if (reply === undefined) this.#isBroken = true;
    else if (reply.length > 0) this.#writeLate(reply);
    if (this.#isBlocked) return;
    if (!this.#reader.midMessage) this.#setRestDeadline();
    this.#answerAll();
  }

  #writeLate(reply: Uint8Array): void {
    const { limits, onReply } = this.#context;
    if (this.#socket.writableLength > limits.lateUnsentBytes) return this.destroy();
    const wasBlocked = this.#isBlocked;
    this.#write({ bytes: writeFrame(reply), release: undefined });
    onReply(this);
    if (!this.#isBlocked || wasBlocked) return;
    this.#socket.pause();
    this.#setDeadline(limits.unsentMs);
  }

  #write({ bytes, release }: FramedReply): void {
    this.#socket.write(bytes, () => {
      release?.();
      this.#onSent();
    });
    if (this.#socket.writableLength > this.#context.limits.unsentBytes) this.#isBlocked = true;
    this.#context.counts.replies++;
  }

  #endWhenDone(): void {
    if ((this.#isInputOver || this.#isBroken) && !this.#isBlocked && this.#late === 0) this.#end();
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#setDeadline(this.#context.limits.unsentMs);
    // When everything is sent, free the descriptor even if the client keeps its side open.
    this.#socket.end(() => this.#socket.destroy());
  }

  /** Sets the deadline after a reply or hand-over. Pending late answers need none, since they always come. */
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
    if (this.#isEnding) this.destroy();
    else this.evict();
  }
}
