// One node:dgram socket on one local address: datagram in, at most one datagram out (RFC 1035 section 4.2.1).
// Nothing a peer sends may throw, block or allocate without bound here; what cannot be sent is dropped and counted.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { clientOf } from "./socket-address.ts";
import { asError, CLOSE_LIMITS } from "./transport.ts";

/** Bounds of one UDP socket, bytes and datagrams. */
export interface UdpSocketLimits {
  /** Room that the answerer finds for a reply. */
  readonly replySizeMax: number;
  /** Replies that wait for the kernel; queries beyond are dropped. */
  readonly repliesInFlight: number;
  /** Asked for first; halved until the system permits it. */
  readonly receiveBufferBytes: number;
}

/** What has happened on a transport's sockets since it was opened. */
export interface UdpCounts {
  received: number;
  replies: number;
  /** Not answered: no way back to the asker, too many replies in flight, or a broken answerer. */
  dropped: number;
  sendErrors: number;
  socketErrors: number;
}

/** What the sockets of one transport share. */
export interface UdpContext {
  readonly answerer: LateAnswerer;
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
    // Hosts are always addresses. The built-in look-up would cost a tick for each reply.
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

/** Room for one reply, with the callback of its `send`: made once, as a socket sends a lot. */
interface ReplySlot {
  readonly buffer: Buffer;
  readonly onSent: (error: Error | null) => void;
}

/** A bound socket that answers. */
export class UdpSocket {
  readonly port: number;
  readonly #socket: Socket;
  readonly #host: string;
  readonly #context: UdpContext;
  /** Free ones. A slot's buffer belongs to the kernel from `send` until its callback: it is not here then. */
  readonly #slots: ReplySlot[] = [];
  /** Of the query in hand. */
  readonly #client = new TextClient();
  #isClosed = false;
  #inFlight = 0;
  #onSent: (() => void) | undefined;

  constructor(socket: Socket, host: string, context: UdpContext) {
    this.#socket = socket;
    this.#host = host;
    this.#context = context;
    this.port = socket.address().port;
    enlargeReceiveBuffer(socket, context.limits.receiveBufferBytes);
    socket.on("error", () => void context.counts.socketErrors++);
    socket.on("message", (query, from) => this.#onQuery(query, from));
  }

  /** Takes no more queries, waits for replies in flight (at most `CLOSE_LIMITS.unsentMs`), frees the port. */
  async close(): Promise<void> {
    this.#socket.removeAllListeners("message");
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_LIMITS.unsentMs);
        this.#onSent = () => {
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
    // Port 0 would make `send` throw; our own address and port would make us talk to ourselves.
    const unanswerable =
      from.port === 0 || isShared(from.address) || (from.port === this.port && from.address === this.#host);
    if (unanswerable || this.#inFlight >= limits.repliesInFlight) {
      counts.dropped++;
      return;
    }
    const slot = this.#slots.pop() ?? this.#newSlot(limits.replySizeMax);
    let length = 0;
    this.#client.from = from.address;
    try {
      length = answerer.answer(query, 0, query.length, slot.buffer, 0, this.#client);
    } catch (thrown) {
      counts.dropped++;
      onFault(asError(thrown));
    }
    if (length <= 0) this.#slots.push(slot);
    if (length === HAND_OVER) void this.#answerLate(Buffer.from(query), from);
    if (length <= 0) return;
    this.#inFlight++;
    this.#socket.send(slot.buffer, 0, length, from.port, from.address, slot.onSent);
  }

  async #answerLate(query: Buffer, from: RemoteInfo): Promise<void> {
    const { answerer, counts, onFault } = this.#context;
    try {
      const reply = await answerer.answerLate(query, clientOf("udp", from.address));
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
    if (this.#inFlight === 0) this.#onSent?.();
  }
}

/** Whether the address is a multicast, broadcast or reserved one: no one's alone. */
function isShared(address: string): boolean {
  return address.includes(":") ? address.startsWith("ff") : Number.parseInt(address, 10) >= 224;
}

/** The asker of a datagram: its address is read from text only by those who want it. */
class TextClient implements Client {
  readonly transport = "udp";
  from = "";

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
      // More than the system permits (Linux caps it silently, others fail): a smaller one serves too.
    }
  }
}
