// One HTTP request and its response, by HTTP/1.1 or HTTP/2: reads the body within bounds, counts the bytes it keeps.
// Whatever the peer does, this neither throws nor rejects.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Client } from "../answer/client.ts";
import type { BodyFault, DohRequest } from "./doh-app.ts";

export type Incoming = IncomingMessage | Http2ServerRequest;
export type Outgoing = ServerResponse | Http2ServerResponse;

/** A request in hand, until its response is sent or either side has given up. */
export class HttpsRequest implements DohRequest {
  readonly client: Client;
  #reserved = 0;
  #isEnded = false;
  readonly #incoming: Incoming;
  readonly #reserve: (bytes: number) => boolean;

  /** `reserve` counts bytes on the connection, unless they are too many. */
  constructor(incoming: Incoming, client: Client, reserve: (bytes: number) => boolean) {
    this.#incoming = incoming;
    this.client = client;
    this.#reserve = reserve;
  }

  reserve(bytes: number): boolean {
    // A late answer may come to an exchange that is over: nobody would count its bytes off again.
    if (this.#isEnded || !this.#reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  /** Ends it; returns how many bytes it held. */
  end(): number {
    this.#isEnded = true;
    return this.#reserved;
  }

  readBody(limit: number): Promise<Uint8Array | BodyFault> {
    const incoming = this.#incoming;
    if (Number(incoming.headers["content-length"] ?? 0) > limit) return Promise.resolve("too large");
    return new Promise((resolve) => {
      // Chunks are copied together: one that is kept may hold the whole read of the socket that it is a slice of.
      let body = new Uint8Array(0);
      let size = 0;
      const onData = (chunk: Buffer): void => {
        const newSize = size + chunk.length;
        if (newSize > limit) return settle("too large");
        if (newSize > body.length) {
          const grown = new Uint8Array(Math.min(limit, Math.max(newSize, 2 * body.length)));
          if (!this.reserve(grown.length - body.length)) return settle("no room");
          grown.set(body.subarray(0, size));
          body = grown;
        }
        body.set(chunk, size);
        size = newSize;
      };
      // What comes after is let go by as it comes, until the response has been sent.
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
