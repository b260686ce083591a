// Memory for many datagrams at once: the arrays of `struct mmsghdr` that recvmmsg and sendmmsg take, with a query
// buffer, a reply buffer, an address and a control buffer for each. Layouts of <sys/socket.h> on 64-bit Linux.
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import { SOCKET_ADDRESS_SIZE } from "./socket-address.ts";

/** A larger query is dropped: nothing that a client of ours asks comes near. */
export const QUERY_SIZE_MAX = 4096;
// Odd multiples of a cache line: with powers of two all messages would share the same few sets of the cache.
const QUERY_STRIDE = QUERY_SIZE_MAX + 64;
export const ADDRESS_STRIDE = 32;
/** One cmsghdr with an in6_pktinfo, padded. */
const CONTROL_SIZE = 40;
const HEADER_STRIDE = 64;
const VECTOR_STRIDE = 16;

// Offsets in struct mmsghdr, in 32-bit words.
const NAME = 0;
const NAME_SIZE = 2;
const VECTOR = 4;
const VECTOR_COUNT = 6;
const CONTROL = 8;
const CONTROL_LENGTH = 10;
const FLAGS = 12;
const LENGTH = 14;
const HEADER_WORDS = HEADER_STRIDE / 4;

export class DatagramBatch {
  readonly capacity: number;
  readonly queries: Uint8Array;
  readonly replies: Uint8Array;
  readonly queryStride = QUERY_STRIDE;
  readonly replyStride: number;
  readonly addresses: Uint8Array;
  /** To be passed to recvmmsg and sendmmsg. */
  readonly received: Uint8Array;
  readonly sent: Uint8Array;
  // Every buffer whose raw address is in another one is held here: nothing else keeps it from being collected.
  readonly #queryVectors: Uint8Array;
  readonly #replyVectors: Uint8Array;
  readonly #controls: Uint8Array;
  readonly #receivedWords: Uint32Array;
  readonly #sentWords: Uint32Array;
  readonly #replyVectorWords: Uint32Array;
  readonly #controlWords: Uint32Array;
  readonly #hasControl: boolean;

  /** `replySize`: the largest reply, bytes. `hasControl`: whether the addresses that were asked are wanted. */
  constructor(libc: Libc, capacity: number, replySize: number, hasControl: boolean) {
    this.capacity = capacity;
    this.replyStride = ((replySize + 191) & ~127) | 64;
    this.#hasControl = hasControl;
    this.queries = new Uint8Array(capacity * QUERY_STRIDE);
    this.replies = new Uint8Array(capacity * this.replyStride);
    this.addresses = new Uint8Array(capacity * ADDRESS_STRIDE);
    this.#controls = new Uint8Array(capacity * CONTROL_SIZE);
    this.#queryVectors = vectors(libc, capacity, this.queries, QUERY_STRIDE, QUERY_SIZE_MAX);
    this.#replyVectors = vectors(libc, capacity, this.replies, this.replyStride, 0);
    this.received = this.#headers(libc, this.#queryVectors);
    this.sent = this.#headers(libc, this.#replyVectors);
    this.#receivedWords = new Uint32Array(this.received.buffer);
    this.#sentWords = new Uint32Array(this.sent.buffer);
    this.#replyVectorWords = new Uint32Array(this.#replyVectors.buffer);
    this.#controlWords = new Uint32Array(this.#controls.buffer);
  }

  /** Puts back what the kernel overwrote in the first `count` messages, before they receive again. */
  rearm(count: number): void {
    const words = this.#receivedWords;
    for (let at = 0; at < count * HEADER_WORDS; at += HEADER_WORDS) {
      words[at + NAME_SIZE] = SOCKET_ADDRESS_SIZE;
      words[at + CONTROL_LENGTH] = this.#hasControl ? CONTROL_SIZE : 0;
    }
  }

  /** The size of received message `i`, or 0 where it is not to be answered: cut, from port 0, or from nobody alone. */
  querySize(i: number): number {
    const at = i * HEADER_WORDS;
    const address = i * ADDRESS_STRIDE;
    const port = this.addresses[address + 2]! | this.addresses[address + 3]!;
    const isV6 = this.addresses[address] === LINUX.AF_INET6;
    // Multicast, broadcast and reserved addresses are no one's.
    const isShared = isV6 ? this.addresses[address + 8] === 0xff : this.addresses[address + 4]! >= 224;
    if (port === 0 || isShared || (this.#receivedWords[at + FLAGS]! & LINUX.MSG_TRUNC) !== 0) return 0;
    return this.#receivedWords[at + LENGTH]!;
  }

  /** Readies reply `to`, of `size` bytes, for the sender of message `from`, which is not before it. */
  address(from: number, to: number, size: number): void {
    const received = from * HEADER_WORDS;
    const sent = to * HEADER_WORDS;
    if (from !== to) {
      this.addresses.copyWithin(
        to * ADDRESS_STRIDE,
        from * ADDRESS_STRIDE,
        from * ADDRESS_STRIDE + SOCKET_ADDRESS_SIZE,
      );
      if (this.#hasControl)
        this.#controls.copyWithin(to * CONTROL_SIZE, from * CONTROL_SIZE, (from + 1) * CONTROL_SIZE);
    }
    this.#sentWords[sent + NAME_SIZE] = this.#receivedWords[received + NAME_SIZE]!;
    this.#sentWords[sent + CONTROL_LENGTH] = this.#receivedWords[received + CONTROL_LENGTH]!;
    this.#replyVectorWords[to * 4 + 2] = size;
    if (this.#hasControl) this.#releaseInterface(to);
  }

  /** What a reply to message `i` needs to be sent later: its address and control data. */
  copyAddress(i: number): { readonly address: Uint8Array; readonly control: Uint8Array } {
    const at = i * HEADER_WORDS;
    if (this.#hasControl) this.#releaseInterface(i);
    const address = this.addresses.slice(i * ADDRESS_STRIDE, i * ADDRESS_STRIDE + this.#receivedWords[at + NAME_SIZE]!);
    const control = this.#controls.slice(
      i * CONTROL_SIZE,
      i * CONTROL_SIZE + this.#receivedWords[at + CONTROL_LENGTH]!,
    );
    return { address, control };
  }

  /** A reply goes by the way that the routes say: only from link-local addresses does it need the interface. */
  #releaseInterface(i: number): void {
    const at = (i * CONTROL_SIZE) / 4;
    const words = this.#controlWords;
    if (words[at + 3] === LINUX.IP_PKTINFO) words[at + 4] = 0;
    else if ((words[at + 4]! & 0xc0ff) !== 0x80fe) words[at + 8] = 0;
  }

  #headers(libc: Libc, vectorArray: Uint8Array): Uint8Array {
    const headers = new Uint8Array(this.capacity * HEADER_STRIDE);
    const view = new DataView(headers.buffer);
    for (let i = 0; i < this.capacity; i++) {
      const at = i * HEADER_STRIDE;
      view.setBigUint64(at + NAME * 4, libc.addressOf(this.addresses) + BigInt(i * ADDRESS_STRIDE), true);
      view.setUint32(at + NAME_SIZE * 4, SOCKET_ADDRESS_SIZE, true);
      view.setBigUint64(at + VECTOR * 4, libc.addressOf(vectorArray) + BigInt(i * VECTOR_STRIDE), true);
      view.setBigUint64(at + VECTOR_COUNT * 4, 1n, true);
      if (!this.#hasControl) continue;
      view.setBigUint64(at + CONTROL * 4, libc.addressOf(this.#controls) + BigInt(i * CONTROL_SIZE), true);
      view.setBigUint64(at + CONTROL_LENGTH * 4, BigInt(CONTROL_SIZE), true);
    }
    return headers;
  }
}

/** An array of `struct iovec`, one for each stretch of `stride` bytes. */
function vectors(libc: Libc, count: number, bytes: Uint8Array, stride: number, size: number): Uint8Array {
  const array = new Uint8Array(count * VECTOR_STRIDE);
  const view = new DataView(array.buffer);
  for (let i = 0; i < count; i++) {
    view.setBigUint64(i * VECTOR_STRIDE, libc.addressOf(bytes) + BigInt(i * stride), true);
    view.setBigUint64(i * VECTOR_STRIDE + 8, BigInt(size), true);
  }
  return array;
}
