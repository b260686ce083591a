// A node:dgram socket on one local address: at most one datagram out for each one in (RFC 1035 section 4.2.1).
// Nothing that a client sends may throw, block or allocate without bound; what cannot be sent is dropped and counted.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { clientOf } from "./socket-address.ts";
import { asError, CLOSE_LIMITS } from "./transport.ts";

/** Limits of a UDP socket. */
export interface UdpSocketLimits {
  /** Bytes of the buffer that the answerer writes a reply to. */
  readonly replySizeMax: number;
  /** Replies handed to the kernel and not yet sent; at this many, queries are dropped. */
  readonly repliesInFlight: number;
  /** The receive buffer to ask for; halved until the system permits it. */
  readonly receiveBufferBytes: number;
}

/** Counters of a transport's sockets since it was opened. */
export interface UdpCounts {
  received: number;
  replies: number;
  /** Queries not answered: no usable source address, no query at all, or a fault of the answerer. */
  dropped: number;
  /** Queries not answered because too many replies were in flight. */
  queueFull: number;
  sendErrors: number;
  socketErrors: number;
}

/** Shared by the sockets of one transport. */
export interface UdpContext {
  readonly answerer: LateAnswerer;
  /** The number of the listener, which its clients carry. */
  readonly listener: number;
  readonly limits: UdpSocketLimits;
  readonly counts: UdpCounts;
  readonly onFault: (fault: Error) => void;
}

const RECEIVE_BUFFER_BYTES_MIN = 128 * 1024;

/** Binds `address`; rejects with a `ListenError`. */
export function bindUdpSocket(address: ListenAddress, context: UdpContext): Promise<UdpSocket> {
  const ipv6 = address.host.includes(":");
  const socket = createSocket({
    type: ipv6 ? "udp6" : "udp4",
    ipv6Only: ipv6,
    // Hosts are always addresses; node's own look-up would cost each reply a tick.
    lookup: (host, _options, callback) => callback(null, host, ipv6 ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(new ListenError(address, "UDP", error));
    });
    socket.once("listening", () => {
      socket.removeAllListeners("error");
      resolve(new UdpSocket(socket, address.host, context));
    });
    socket.bind({ address: address.host, port: address.port, exclusive: true });
  });
}

/** A reply buffer and the callback of its `send`, reused for later replies. */
interface ReplySlot {
  readonly buffer: Buffer;
  readonly onSent: (error: Error | null) => void;
}

/** A bound socket that answers queries. */
export class UdpSocket {
  readonly port: number;
  readonly #socket: Socket;
  readonly #host: string;
  readonly #context: UdpContext;
  /** The free slots. From `send` to its callback a slot's buffer belongs to the kernel. */
  readonly #slots: ReplySlot[] = [];
  /** The client of the current query. */
  readonly #client: TextClient;
  #isClosed = false;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(socket: Socket, host: string, context: UdpContext) {
    this.#socket = socket;
    this.#host = host;
    this.#context = context;
    this.#client = new TextClient(context.listener);
    this.port = socket.address().port;
    enlargeReceiveBuffer(socket, context.limits.receiveBufferBytes);
    socket.on("error", () => void context.counts.socketErrors++);
    socket.on("message", (query, from) => this.#onQuery(query, from));
  }

  /** Stops receiving, waits for the replies in flight at most `CLOSE_LIMITS.unsentMs`, and frees the port. */
  async close(): Promise<void> {
    this.#socket.removeAllListeners("message");
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_LIMITS.unsentMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #onQuery(query: Buffer, from: RemoteInfo): void {
    const { answerer, counts, limits, onFault } = this.#context;
    counts.received++;
    // `send` throws at port 0; a query from this socket's own address would loop.
    const isUnanswerable =
      from.port === 0 || isMulticast(from.address) || (from.port === this.port && from.address === this.#host);
    if (isUnanswerable) return void counts.dropped++;
    if (this.#inFlight >= limits.repliesInFlight) return void counts.queueFull++;
    const slot = this.#slots.pop() ?? this.#newSlot(limits.replySizeMax);
    let length = 0;
    this.#client.from = from.address;
    this.#client.port = from.port;
    try {
      length = answerer.answer(query, 0, query.length, slot.buffer, 0, this.#client);
    } catch (thrown) {
      onFault(asError(thrown));
    }
    if (length === 0) counts.dropped++;
    if (length <= 0) this.#slots.push(slot);
    if (length === HAND_OVER) void this.#answerLate(Buffer.from(query), from);
    if (length <= 0) return;
    this.#inFlight++;
    this.#socket.send(slot.buffer, 0, length, from.port, from.address, slot.onSent);
  }

  async #answerLate(query: Buffer, from: RemoteInfo): Promise<void> {
    const { answerer, counts, onFault } = this.#context;
    try {
      const reply = await answerer.answerLate(query, clientOf("udp", from.address, from.port, this.#client.listener));
      if (reply.length === 0 || this.#isClosed) return;
      this.#inFlight++;
      this.#socket.send(reply, from.port, from.address, (error) => this.#sent(undefined, error));
    } catch (thrown) {
      counts.dropped++;
      onFault(asError(thrown));
    }
  }

  #newSlot(size: number): ReplySlot {
    const slot: ReplySlot = { buffer: Buffer.alloc(size), onSent: (error) => this.#sent(slot, error) };
    return slot;
  }

  #sent(slot: ReplySlot | undefined, error: Error | null): void {
    if (error === null) this.#context.counts.replies++;
    else this.#context.counts.sendErrors++;
    if (slot !== undefined) this.#slots.push(slot);
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }
}

/** Whether the address is a multicast, broadcast or reserved one. */
function isMulticast(address: string): boolean {
  return address.includes(":") ? address.startsWith("ff") : Number.parseInt(address, 10) >= 224;
}

/** The client of a datagram. Its address is parsed only when something asks for it. */
class TextClient implements Client {
  readonly transport = "udp";
  readonly listener: number;
  from = "";
  port = 0;

  constructor(listener: number) {
    this.listener = listener;
  }

  readAddress(into: Uint8Array): number {
    return clientOf("udp", this.from).readAddress(into);
  }
}

function enlargeReceiveBuffer(socket: Socket, wantedBytes: number): void {
  for (let bytes = wantedBytes; bytes >= RECEIVE_BUFFER_BYTES_MIN; bytes = Math.floor(bytes / 2)) {
    try {
      socket.setRecvBufferSize(bytes);
      return;
    } catch {
      // More than the system permits: Linux caps it silently, other systems fail.
    }
  }
}
