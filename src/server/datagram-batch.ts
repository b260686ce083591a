// Buffers for a batch of datagrams: the arrays of struct mmsghdr that recvmmsg and sendmmsg take, and for each message
// a query, a reply, a socket address and its packet info (IP_PKTINFO). Layouts of <sys/socket.h> on 64-bit Linux.
import type { Libc } from "./libc.ts";
import { IOVEC_SIZE, LINUX, MSGHDR } from "./libc.ts";
import { canReplyTo, SOCKET_ADDRESS_SIZE } from "./socket-address.ts";

/** Larger queries are dropped; no client needs this size. */
export const QUERY_SIZE_MAX = 4096;
// An odd multiple of a cache line: at a power of two all messages would share the same few cache sets.
const QUERY_STRIDE = QUERY_SIZE_MAX + 64;
/** Bytes from one socket address to the next. */
export const ADDRESS_STRIDE = 32;
/** A cmsghdr with an in6_pktinfo, padded. */
const PACKET_INFO_SIZE = 40;
const HEADER_STRIDE = 64;

// Fields of struct mmsghdr that change with each batch, as indices of 32-bit words.
const NAME_LENGTH = MSGHDR.NAME_LENGTH / 4;
const CONTROL_LENGTH = MSGHDR.CONTROL_LENGTH / 4;
const FLAGS = MSGHDR.FLAGS / 4;
const LENGTH = MSGHDR.LENGTH / 4;
const HEADER_WORDS = HEADER_STRIDE / 4;

/** A batch of datagrams to receive, answer and send. Allocates nothing after construction but in `copyAddress`. */
export class DatagramBatch {
  readonly capacity: number;
  readonly queries: Uint8Array;
  readonly replies: Uint8Array;
  readonly queryStride = QUERY_STRIDE;
  readonly replyStride: number;
  readonly addresses: Uint8Array;
  /** The arrays of struct mmsghdr for recvmmsg and sendmmsg. */
  readonly received: Uint8Array;
  readonly sent: Uint8Array;
  // Buffers whose raw address stands in another buffer: only these fields keep them from being collected.
  readonly #queryVectors: Uint8Array;
  readonly #replyVectors: Uint8Array;
  readonly #packetInfos: Uint8Array;
  readonly #receivedWords: Uint32Array;
  readonly #sentWords: Uint32Array;
  readonly #replyVectorWords: Uint32Array;
  readonly #packetInfoWords: Uint32Array;
  readonly #hasPacketInfo: boolean;

  /** `replySizeMax` is in bytes. `hasPacketInfo`: whether replies need the address that the query was sent to. */
  constructor(libc: Libc, capacity: number, replySizeMax: number, hasPacketInfo: boolean) {
    this.capacity = capacity;
    this.replyStride = ((replySizeMax + 191) & ~127) | 64;
    this.#hasPacketInfo = hasPacketInfo;
    this.queries = new Uint8Array(capacity * QUERY_STRIDE);
    this.replies = new Uint8Array(capacity * this.replyStride);
    this.addresses = new Uint8Array(capacity * ADDRESS_STRIDE);
    this.#packetInfos = new Uint8Array(capacity * PACKET_INFO_SIZE);
    this.#queryVectors = vectors(libc, capacity, this.queries, QUERY_STRIDE, QUERY_SIZE_MAX);
    this.#replyVectors = vectors(libc, capacity, this.replies, this.replyStride, 0);
    this.received = this.#headers(libc, this.#queryVectors);
    this.sent = this.#headers(libc, this.#replyVectors);
    this.#receivedWords = new Uint32Array(this.received.buffer);
    this.#sentWords = new Uint32Array(this.sent.buffer);
    this.#replyVectorWords = new Uint32Array(this.#replyVectors.buffer);
    this.#packetInfoWords = new Uint32Array(this.#packetInfos.buffer);
  }

  /** Restores the fields that the kernel overwrote in the first `count` messages, so that they can receive again. */
  rearm(count: number): void {
    const words = this.#receivedWords;
    for (let at = 0; at < count * HEADER_WORDS; at += HEADER_WORDS) {
      words[at + NAME_LENGTH] = SOCKET_ADDRESS_SIZE;
      words[at + CONTROL_LENGTH] = this.#hasPacketInfo ? PACKET_INFO_SIZE : 0;
    }
  }

  /** The size of received message `i`; 0 where it can't be answered: truncated, or from an unusable address. */
  querySize(i: number): number {
    const at = i * HEADER_WORDS;
    const isCut = (this.#receivedWords[at + FLAGS]! & LINUX.MSG_TRUNC) !== 0;
    if (isCut || !canReplyTo(this.addresses, i * ADDRESS_STRIDE)) return 0;
    return this.#receivedWords[at + LENGTH]!;
  }

  /** Addresses reply `to`, of `size` bytes, to the sender of message `from`; `from` is at least `to`. */
  address(from: number, to: number, size: number): void {
    const received = from * HEADER_WORDS;
    const sent = to * HEADER_WORDS;
    if (from !== to) {
      this.addresses.copyWithin(
        to * ADDRESS_STRIDE,
        from * ADDRESS_STRIDE,
        from * ADDRESS_STRIDE + SOCKET_ADDRESS_SIZE,
      );
      if (this.#hasPacketInfo)
        this.#packetInfos.copyWithin(to * PACKET_INFO_SIZE, from * PACKET_INFO_SIZE, (from + 1) * PACKET_INFO_SIZE);
    }
    this.#sentWords[sent + NAME_LENGTH] = this.#receivedWords[received + NAME_LENGTH]!;
    this.#sentWords[sent + CONTROL_LENGTH] = this.#receivedWords[received + CONTROL_LENGTH]!;
    this.#replyVectorWords[to * 4 + 2] = size;
    if (this.#hasPacketInfo) this.#releaseInterface(to);
  }

  /** Copies what a later reply to message `i` needs: the sender's address and the packet info. */
  copyAddress(i: number): { readonly address: Uint8Array; readonly packetInfo: Uint8Array } {
    const at = i * HEADER_WORDS;
    if (this.#hasPacketInfo) this.#releaseInterface(i);
    const address = this.addresses.slice(
      i * ADDRESS_STRIDE,
      i * ADDRESS_STRIDE + this.#receivedWords[at + NAME_LENGTH]!,
    );
    const packetInfo = this.#packetInfos.slice(
      i * PACKET_INFO_SIZE,
      i * PACKET_INFO_SIZE + this.#receivedWords[at + CONTROL_LENGTH]!,
    );
    return { address, packetInfo };
  }

  /** Clears the interface in the packet info, so that the reply follows the routes; link-local addresses keep it. */
  #releaseInterface(i: number): void {
    const at = (i * PACKET_INFO_SIZE) / 4;
    const words = this.#packetInfoWords;
    if (words[at + 3] === LINUX.IP_PKTINFO) words[at + 4] = 0;
    else if ((words[at + 4]! & 0xc0ff) !== 0x80fe) words[at + 8] = 0;
  }

  #headers(libc: Libc, vectorArray: Uint8Array): Uint8Array {
    const headers = new Uint8Array(this.capacity * HEADER_STRIDE);
    const view = new DataView(headers.buffer);
    for (let i = 0; i < this.capacity; i++) {
      const at = i * HEADER_STRIDE;
      view.setBigUint64(at + MSGHDR.NAME, libc.addressOf(this.addresses) + BigInt(i * ADDRESS_STRIDE), true);
      view.setUint32(at + MSGHDR.NAME_LENGTH, SOCKET_ADDRESS_SIZE, true);
      view.setBigUint64(at + MSGHDR.IOV, libc.addressOf(vectorArray) + BigInt(i * IOVEC_SIZE), true);
      view.setBigUint64(at + MSGHDR.IOV_LENGTH, 1n, true);
      if (!this.#hasPacketInfo) continue;
      view.setBigUint64(at + MSGHDR.CONTROL, libc.addressOf(this.#packetInfos) + BigInt(i * PACKET_INFO_SIZE), true);
      view.setBigUint64(at + MSGHDR.CONTROL_LENGTH, BigInt(PACKET_INFO_SIZE), true);
    }
    return headers;
  }
}

/** An array of `count` struct iovec: element `i` has `size` bytes at `i * stride`. */
function vectors(libc: Libc, count: number, bytes: Uint8Array, stride: number, size: number): Uint8Array {
  const array = new Uint8Array(count * IOVEC_SIZE);
  const view = new DataView(array.buffer);
  for (let i = 0; i < count; i++) {
    view.setBigUint64(i * IOVEC_SIZE, libc.addressOf(bytes) + BigInt(i * stride), true);
    view.setBigUint64(i * IOVEC_SIZE + 8, BigInt(size), true);
  }
  return array;
}
