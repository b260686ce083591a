// A connection of DNS over HTTPS, from the first byte of TLS: its pending requests, their bytes and its deadlines.
// Whatever the client does, it does not throw, waits no longer than its deadlines, and holds no more than its limits.
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Client } from "../answer/client.ts";
import { HttpsRequest, type Incoming } from "./https-request.ts";
import type { AcceptCounts, Connection } from "./open-connections.ts";

/** Limits of one connection; times in milliseconds. */
export interface HttpsConnectionLimits {
  /** From the TCP connection to the first request's headers, TLS handshake included. */
  readonly firstRequestMs: number;
  /** From a response to the next request's headers. */
  readonly idleMs: number;
  /** From a request's headers until its whole response has been sent. */
  readonly requestMs: number;
  /** Pending requests: the streams of HTTP/2; HTTP/1.1 is closed at more. */
  readonly streams: number;
  /** URLs, bodies and responses of pending requests; a request that needs more gets status 503. */
  readonly bufferedBytes: number;
}

/** Counters of an HTTPS transport since it was opened. */
export interface HttpsCounts extends AcceptCounts {
  requests: number;
  /** The pending ones of `requests`. */
  pending: number;
  /** Closed because a deadline passed. */
  timedOut: number;
}

/** Shared by the connections of one transport. */
export interface HttpsContext {
  readonly limits: HttpsConnectionLimits;
  readonly counts: HttpsCounts;
  /** Called at each new request. May evict a connection, even the request's own. */
  readonly onRequest: () => void;
  /** Called when the connection has sent a response: it is the last one used now. */
  readonly onResponse: (connection: HttpsConnection) => void;
}

/** An accepted connection; it closes itself at the client's end or a deadline. */
export class HttpsConnection implements Connection {
  /** Set after the TLS handshake, if the client uses HTTP/2. */
  session: ServerHttp2Session | undefined;
  /** Set after the TLS handshake. */
  secure: TLSSocket | undefined;
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #context: HttpsContext;
  #pending = 0;
  #reserved = 0;
  /** Its requests no longer count as pending. */
  #isGone = false;
  #isEnding = false;
  #deadline: NodeJS.Timeout;
  readonly #writes: (() => void)[] = [];
  #isWriting = false;

  constructor(socket: Socket, client: Client, context: HttpsContext) {
    this.#socket = socket;
    this.#client = client;
    this.#context = context;
    this.#deadline = setTimeout(() => this.#timeOut(), context.limits.firstRequestMs).unref();
    socket.on("close", () => {
      clearTimeout(this.#deadline);
      this.#leave();
    });
  }

  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** The number of pending requests. */
  get requests(): number {
    return this.#pending;
  }

  /** Starts a request that has just come; undefined if it makes the connection close. */
  begin(incoming: Incoming, outgoing: Writable): HttpsRequest | undefined {
    const { counts, limits } = this.#context;
    counts.requests++;
    if (this.#pending >= limits.streams) {
      this.destroy();
      return undefined;
    }
    this.#context.onRequest();
    if (this.#isGone) return undefined;
    this.#pending++;
    counts.pending++;
    clearTimeout(this.#deadline);
    const request = new HttpsRequest(incoming, this.#client, (bytes) => this.#reserve(bytes));
    const deadline = setTimeout(() => this.#timeOut(), limits.requestMs).unref();
    outgoing.on("close", () => {
      clearTimeout(deadline);
      this.#end(request);
    });
    return request;
  }

  /**
   * Calls `write` after the writes of earlier replies, one in each turn of the event loop, so that each reply by HTTP/2
   * is a TLS record of its own. That costs a third of the throughput.
   */
  writeInTurn(write: () => void): void {
    this.#writes.push(write);
    if (!this.#isWriting) this.#writeNext();
  }

  /** Answers the pending requests, then closes. */
  finish(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.session?.close();
    if (this.#pending === 0) this.#close();
  }

  /** Closes now, in favour of another connection or request. */
  evict(): void {
    this.#leave();
    this.destroy();
  }

  /** Closes at once and discards what is not sent. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Stops counting its requests as pending now: their ends come later. */
  #leave(): void {
    if (!this.#isGone) this.#context.counts.pending -= this.#pending;
    this.#isGone = true;
  }

  #reserve(bytes: number): boolean {
    if (this.#reserved + bytes > this.#context.limits.bufferedBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  #end(request: HttpsRequest): void {
    this.#pending--;
    if (!this.#isGone) this.#context.counts.pending--;
    this.#reserved -= request.end();
    if (this.#socket.destroyed) return;
    this.#context.onResponse(this);
    if (this.#pending > 0) return;
    if (this.#isEnding) this.#close();
    else this.#setDeadline(() => this.finish(), this.#context.limits.idleMs);
  }

  #writeNext(): void {
    const write = this.#writes.shift();
    this.#isWriting = write !== undefined;
    if (write === undefined) return;
    write();
    setImmediate(() => this.#writeNext());
  }

  /** An HTTP/2 session closes itself after its streams; during a handshake there is nothing to finish. */
  #close(): void {
    if (this.secure === undefined) this.destroy();
    else if (this.session === undefined) this.secure.end();
    this.#setDeadline(() => this.#timeOut(), this.#context.limits.requestMs);
  }

  #timeOut(): void {
    // The deadlines of several requests may pass at once.
    if (this.#socket.destroyed) return;
    this.#context.counts.timedOut++;
    this.destroy();
  }

  #setDeadline(onPassed: () => void, ms: number): void {
    clearTimeout(this.#deadline);
    if (!this.#socket.destroyed) this.#deadline = setTimeout(onPassed, ms).unref();
  }
}
