// One response of the scripted API server, through which its fault works: cut, in pieces, or broken off. Whoever writes to
// a reply need not know of the fault.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ApiFailure } from "./api-failure.ts";
import type { ApiRequest } from "./api-request.ts";
import type { Break, Fault } from "./script.ts";

/** From this size on the server compresses lists for clients that accept it. */
const GZIP_MIN_BYTES = 128 * 1024;

export class Reply {
  readonly #request: ApiRequest;
  readonly #response: ServerResponse;
  /** Beneath TLS, where there is TLS. */
  readonly #socket: Socket;
  readonly #fault: Fault;
  readonly #pieces: Buffer[] = [];
  #written = 0;
  #isBroken = false;
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: ApiRequest, response: ServerResponse, socket: Socket, fault: Fault) {
    this.#request = request;
    this.#response = response;
    this.#socket = socket;
    this.#fault = fault;
    response.on("close", () => clearInterval(this.#timer));
  }

  /** Calls `listener` once, when the response is over, however that comes. */
  onClose(listener: () => void): void {
    this.#response.on("close", listener);
  }

  /** A whole response, of JSON if its headers do not say otherwise. */
  async send(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const accepted = this.#request.headers["accept-encoding"] ?? "";
    const isZipped = /\bgzip\b/.test(String(accepted)) && body.length >= GZIP_MIN_BYTES;
    const bytes = isZipped ? await promisify(gzip)(body, { level: 1 }) : Buffer.from(body as string);
    this.open(status, { ...headers, ...(isZipped && { "Content-Encoding": "gzip" }) });
    this.#write(bytes);
    this.end();
  }

  /** A failure with its Status. */
  async fail(failure: ApiFailure): Promise<void> {
    const { code, status, retryAfter } = failure;
    await this.send(code, JSON.stringify(status), retryAfter === undefined ? {} : { "Retry-After": retryAfter });
  }

  /** Begins a response whose body comes in pieces. */
  open(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.#request.status = status;
    if (this.#isBroken) return;
    this.#response.writeHead(status, { "Content-Type": "application/json", ...headers });
    this.#response.flushHeaders();
  }

  /** One piece of the body. */
  write(text: string): void {
    this.#write(Buffer.from(text));
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isBroken && this.#pieces.length === 0) this.#response.end();
  }

  /** Breaks the connection, once what is written is on its way. Nothing that follows is sent. */
  break(by: Break): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    clearInterval(this.#timer);
    if (by === "end") this.#response.end();
    else if (by === "close") this.#flush(() => this.#socket.destroySoon());
    else if (by === "reset") this.#flush(() => this.#socket.resetAndDestroy());
  }

  #flush(then: () => void): void {
    if (this.#written === 0) then();
    else this.#response.write("", then);
  }

  #write(bytes: Buffer): void {
    if (this.#isBroken || bytes.length === 0) return;
    const { trickle } = this.#fault;
    if (trickle === undefined) {
      this.#pass(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += trickle.bytes) this.#pieces.push(bytes.subarray(at, at + trickle.bytes));
    this.#timer ??= setInterval(() => this.#passOne(), trickle.everyMs);
  }

  #passOne(): void {
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#pass(piece);
    if (this.#pieces.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isEnding) this.end();
  }

  #pass(bytes: Buffer): void {
    const { cut } = this.#fault;
    const room = cut === undefined ? Infinity : cut.afterBytes - this.#written;
    this.#written += bytes.length;
    // A watch that has ended may still be told of changes.
    if (this.#response.writableEnded) return;
    this.#response.write(bytes.subarray(0, Math.min(room, bytes.length)));
    if (cut !== undefined && bytes.length >= room) this.break(cut.by);
  }
}
