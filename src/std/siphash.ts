// SipHash-2-4 with 64 bits of output (Aumasson and Bernstein), as DNS cookies use it (RFC 9018 4.4). JavaScript's
// fast integers have 32 bits: each 64-bit word is two of them. Allocates nothing.

/** The state of one thread's hashes: 64-bit words, low half first. */
export class SipHash {
  readonly #v = new Int32Array(8);

  /** Hashes `bytes[start, end)` under the 16 bytes of `key` from `keyAt`; writes 8 bytes, little-endian, to `out`. */
  hash(
    key: Uint8Array,
    keyAt: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    outAt: number,
  ): void {
    const v = this.#v;
    const [k0, k1, k2, k3] = [read(key, keyAt), read(key, keyAt + 4), read(key, keyAt + 8), read(key, keyAt + 12)];
    v[0] = k0 ^ 0x70736575;
    v[1] = k1 ^ 0x736f6d65;
    v[2] = k2 ^ 0x6e646f6d;
    v[3] = k3 ^ 0x646f7261;
    v[4] = k0 ^ 0x6e657261;
    v[5] = k1 ^ 0x6c796765;
    v[6] = k2 ^ 0x79746573;
    v[7] = k3 ^ 0x74656462;
    let at = start;
    for (; at + 8 <= end; at += 8) this.#compress(read(bytes, at), read(bytes, at + 4));
    // The last word: the remaining bytes, and the low byte of the length on top.
    let low = 0;
    let high = (end - start) << 24;
    for (let i = 0; at + i < end; i++) {
      if (i < 4) low |= bytes[at + i]! << (i * 8);
      else high |= bytes[at + i]! << ((i - 4) * 8);
    }
    this.#compress(low, high);
    v[4] = v[4]! ^ 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    write(out, outAt, v[0]! ^ v[2]! ^ v[4]! ^ v[6]!);
    write(out, outAt + 4, v[1]! ^ v[3]! ^ v[5]! ^ v[7]!);
  }

  #compress(low: number, high: number): void {
    const v = this.#v;
    v[6] = v[6]! ^ low;
    v[7] = v[7]! ^ high;
    this.#round();
    this.#round();
    v[0] = v[0]! ^ low;
    v[1] = v[1]! ^ high;
  }

  #round(): void {
    this.#half(0, 2, 13);
    this.#half(4, 6, 16);
    this.#swap(0);
    this.#half(4, 2, 17);
    this.#half(0, 6, 21);
    this.#swap(4);
  }

  /** `a += b; b = rotate(b, bits) ^ a`. */
  #half(a: number, b: number, bits: number): void {
    const v = this.#v;
    const [low, high] = [v[b]!, v[b + 1]!];
    const sum = (v[a]! >>> 0) + (low >>> 0);
    v[a] = sum;
    v[a + 1] = v[a + 1]! + high + (sum > 0xffff_ffff ? 1 : 0);
    v[b] = ((low << bits) | (high >>> (32 - bits))) ^ v[a]!;
    v[b + 1] = ((high << bits) | (low >>> (32 - bits))) ^ v[a + 1]!;
  }

  /** Rotates by 32 bits. */
  #swap(a: number): void {
    const v = this.#v;
    const low = v[a]!;
    v[a] = v[a + 1]!;
    v[a + 1] = low;
  }
}

function read(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function write(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = word >>> (i * 8);
}
