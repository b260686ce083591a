// One connection of DNS over HTTPS, from its first byte of TLS: its requests in hand, their bytes and its deadlines.
// Whatever the peer does, this neither throws nor waits without a deadline, nor holds more than the limits name.
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Client } from "../answer/client.ts";
import { HttpsRequest, type Incoming, type Outgoing } from "./https-request.ts";
import type { AcceptCounts, Connection } from "./open-connections.ts";

/** Bounds of one connection; times in milliseconds. */
export interface HttpsConnectionLimits {
  /** From the connection, over the TLS handshake, to the first request's headers. */
  readonly firstRequestMs: number;
  /** From the last response to the next request's headers. */
  readonly idleMs: number;
  /** From a request's headers to its whole response being taken. */
  readonly requestMs: number;
  /** Requests in hand: HTTP/2 has no more streams, HTTP/1.1 is closed at more. */
  readonly streams: number;
  /** Of URLs, bodies and responses in hand; a request beyond is answered with 503. */
  readonly bufferedBytes: number;
}

/** What has happened on an HTTPS transport since it was opened. */
export interface HttpsCounts extends AcceptCounts {
  requests: number;
  /** Of `requests`, those that are neither answered nor given up yet. */
  inHand: number;
  /** Closed because a deadline passed. */
  timedOut: number;
}

/** What the connections of one transport share. */
export interface HttpsContext {
  readonly limits: HttpsConnectionLimits;
  readonly counts: HttpsCounts;
  /** Another request has come; this may evict a connection, even the one that it came on. */
  readonly onRequest: () => void;
  /** The connection has just been of use. */
  readonly onResponse: (connection: HttpsConnection) => void;
}

/** An accepted connection; it ends by itself. */
export class HttpsConnection implements Connection {
  /** Set once TLS is up, where HTTP/2 was agreed on. */
  session: ServerHttp2Session | undefined;
  /** Set once TLS is up. */
  secure: TLSSocket | undefined;
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #context: HttpsContext;
  #open = 0;
  #reserved = 0;
  /** Its requests are not counted among those in hand any more. */
  #isGone = false;
  #isEnding = false;
  #deadline: NodeJS.Timeout;

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
    return this.#open > 0;
  }

  /** How many requests are in hand. */
  get requests(): number {
    return this.#open;
  }

  /** Takes on a request that has just come; undefined where the connection is closed for it. */
  begin(incoming: Incoming, outgoing: Outgoing): HttpsRequest | undefined {
    const { counts, limits } = this.#context;
    counts.requests++;
    if (this.#open >= limits.streams) {
      this.destroy();
      return undefined;
    }
    this.#context.onRequest();
    if (this.#isGone) return undefined;
    this.#open++;
    counts.inHand++;
    clearTimeout(this.#deadline);
    const request = new HttpsRequest(incoming, this.#client, (bytes) => this.#reserve(bytes));
    const deadline = setTimeout(() => this.#timeOut(), limits.requestMs).unref();
    outgoing.on("close", () => {
      clearTimeout(deadline);
      this.#end(request);
    });
    return request;
  }

  /** Answers the requests in hand, then closes. */
  finish(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.session?.close();
    if (this.#open === 0) this.#close();
  }

  /** Closes now, to make room. */
  evict(): void {
    this.#leave();
    this.destroy();
  }

  /** Closes at once; what is not sent yet is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Counts its requests off at once: the end of each comes later. */
  #leave(): void {
    if (!this.#isGone) this.#context.counts.inHand -= this.#open;
    this.#isGone = true;
  }

  #reserve(bytes: number): boolean {
    if (this.#reserved + bytes > this.#context.limits.bufferedBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  #end(request: HttpsRequest): void {
    this.#open--;
    if (!this.#isGone) this.#context.counts.inHand--;
    this.#reserved -= request.end();
    if (this.#socket.destroyed) return;
    this.#context.onResponse(this);
    if (this.#open > 0) return;
    if (this.#isEnding) this.#close();
    else this.#setDeadline(() => this.finish(), this.#context.limits.idleMs);
  }

  /** A session ends by itself once its streams have; in the middle of a handshake there is nothing to say. */
  #close(): void {
    if (this.secure === undefined) this.destroy();
    else if (this.session === undefined) this.secure.end();
    this.#setDeadline(() => this.#timeOut(), this.#context.limits.requestMs);
  }

  #timeOut(): void {
    // Deadlines of several requests pass together.
    if (this.#socket.destroyed) return;
    this.#context.counts.timedOut++;
    this.destroy();
  }

  #setDeadline(onPassed: () => void, ms: number): void {
    clearTimeout(this.#deadline);
    if (!this.#socket.destroyed) this.#deadline = setTimeout(onPassed, ms).unref();
  }
}
