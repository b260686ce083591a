// SipHash-2-4 with 64-bit words as its paper has it, to tell by another hand whether a server's cookie is what RFC 9018
// 4.4 says: apart from src, so that one mistake cannot hide in both.

const MASK = 0xffff_ffff_ffff_ffffn;
const rotate = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (64n - bits))) & MASK;

class State {
  #v0: bigint;
  #v1: bigint;
  #v2: bigint;
  #v3: bigint;

  constructor(k0: bigint, k1: bigint) {
    this.#v0 = k0 ^ 0x736f6d6570736575n;
    this.#v1 = k1 ^ 0x646f72616e646f6dn;
    this.#v2 = k0 ^ 0x6c7967656e657261n;
    this.#v3 = k1 ^ 0x7465646279746573n;
  }

  rounds(count: number): void {
    for (let n = 0; n < count; n++) {
      this.#v0 = (this.#v0 + this.#v1) & MASK;
      this.#v1 = rotate(this.#v1, 13n) ^ this.#v0;
      this.#v0 = rotate(this.#v0, 32n);
      this.#v2 = (this.#v2 + this.#v3) & MASK;
      this.#v3 = rotate(this.#v3, 16n) ^ this.#v2;
      this.#v0 = (this.#v0 + this.#v3) & MASK;
      this.#v3 = rotate(this.#v3, 21n) ^ this.#v0;
      this.#v2 = (this.#v2 + this.#v1) & MASK;
      this.#v1 = rotate(this.#v1, 17n) ^ this.#v2;
      this.#v2 = rotate(this.#v2, 32n);
    }
  }

  word(word: bigint): void {
    this.#v3 ^= word;
    this.rounds(2);
    this.#v0 ^= word;
  }

  finish(): bigint {
    this.#v2 ^= 0xffn;
    this.rounds(4);
    return this.#v0 ^ this.#v1 ^ this.#v2 ^ this.#v3;
  }
}

/** Eight bytes of hash under a key of sixteen. */
export function sipHash24(key: Buffer, data: Buffer): Buffer {
  const state = new State(key.readBigUInt64LE(0), key.readBigUInt64LE(8));
  const wholeBytes = data.length - (data.length % 8);
  for (let at = 0; at < wholeBytes; at += 8) state.word(data.readBigUInt64LE(at));
  const last = Buffer.alloc(8);
  data.copy(last, 0, wholeBytes);
  last[7] = data.length & 0xff;
  state.word(last.readBigUInt64LE(0));
  const hash = Buffer.alloc(8);
  hash.writeBigUInt64LE(state.finish());
  return hash;
}

/** Whether a cookie of 24 bytes was made for an IPv4 client under `secret`. */
export function isCookieUnder(secret: Buffer, cookie: Buffer, clientAddress: string): boolean {
  const address = Buffer.from(clientAddress.split(".").map(Number));
  const hashed = Buffer.concat([cookie.subarray(0, 16), address]);
  return cookie.length === 24 && sipHash24(secret, hashed).equals(cookie.subarray(16));
}
