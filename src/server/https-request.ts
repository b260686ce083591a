// A request of DNS over HTTPS by HTTP/1.1 or HTTP/2: reads its body up to a limit and counts the bytes that it buffers.
// Whatever the client does, this does not throw or reject.
import type { Readable } from "node:stream";
import type { Client } from "../answer/client.ts";
import type { BodyFault, DohRequest } from "./doh-answerer.ts";

/** What node:http or node:http2 has of a request. */
export interface Incoming {
  readonly method: string;
  /** Path and query, or a whole URL (RFC 9112 3.2.2). */
  readonly url: string;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  readonly body: Readable;
}

/** Keeps a body from its end until somebody reads on. */
const UNREAD = Buffer.of(0);

/** A pending request: until its response is sent or it is aborted. */
export class HttpsRequest implements DohRequest {
  readonly client: Client;
  #reserved = 0;
  #isEnded = false;
  readonly #incoming: Incoming;
  readonly #reserve: (bytes: number) => boolean;

  /** `reserve` counts bytes against the connection's limit; false: they would exceed it. */
  constructor(incoming: Incoming, client: Client, reserve: (bytes: number) => boolean) {
    this.#incoming = incoming;
    this.client = client;
    this.#reserve = reserve;
  }

  get method(): string {
    return this.#incoming.method;
  }

  get target(): string {
    const { url } = this.#incoming;
    return url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  }

  get contentType(): string | undefined {
    return this.#incoming.contentType;
  }

  reserve(bytes: number): boolean {
    // A late answer may come after the end: its bytes would never be released.
    if (this.#isEnded || !this.#reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  /** Ends the request; returns the bytes that it had reserved. */
  end(): number {
    this.#isEnded = true;
    return this.#reserved;
  }

  /** All of the body; `incoming` is to be resumed when the response is written. */
  readBody(limit: number): Promise<Uint8Array | BodyFault> {
    const { body: incoming, contentLength } = this.#incoming;
    const length = Number(contentLength ?? NaN);
    if (length > limit) return Promise.resolve("too large");
    return new Promise((resolve) => {
      // Chunks are copied: a kept chunk would hold the whole socket read that it is a slice of.
      let body = new Uint8Array(0);
      let size = 0;
      const onData = (chunk: Buffer): void => {
        const newSize = size + chunk.length;
        if (newSize > limit) return settle("too large");
        if (newSize > body.length) {
          const grown = new Uint8Array(Math.min(limit, Math.max(newSize, 2 * body.length)));
          if (!this.reserve(grown.length - body.length)) return settle("over limit");
          grown.set(body.subarray(0, size));
          body = grown;
        }
        body.set(chunk, size);
        size = newSize;
        if (size !== length) return;
        settle(body);
        // Who responds reads on when the response is written: node destroys an HTTP/2 stream of which the end has been
        // read while it writes, with an error that nobody sees and that costs a fifth of the request.
        incoming.pause();
        incoming.unshift(UNREAD);
      };
      // Later chunks are discarded as they come, until the response has been sent.
      const settle = (outcome: Uint8Array | BodyFault): void => {
        incoming.off("data", onData);
        resolve(outcome);
      };
      incoming.on("data", onData);
      incoming.on("end", () => settle(body.subarray(0, size)));
      incoming.on("close", () => settle("cut"));
    });
  }
}
