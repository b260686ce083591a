// Tells whether an address is in one of several prefixes. It runs for each query, so it allocates nothing after
// construction, and compares words.
import type { Cidr } from "./ip.ts";

/** A list of prefixes. */
export class AddressList {
  /** Of each prefix of a family: its words, and the mask of each. */
  readonly #ipv4: Int32Array;
  readonly #ipv6: Int32Array;

  constructor(prefixes: readonly Cidr[]) {
    this.#ipv4 = wordsOf(prefixes, 4);
    this.#ipv6 = wordsOf(prefixes, 16);
  }

  /** Whether the first `size` bytes of `address` are in the list: 4, 16, or 0 for no address, which is in no list. */
  has(address: Uint8Array, size: number): boolean {
    return size === 4 ? this.#hasIpv4(wordAt(address, 0)) : size === 16 && this.#hasIpv6(address);
  }

  #hasIpv4(word: number): boolean {
    const words = this.#ipv4;
    for (let i = 0; i < words.length; i += 2) if ((word & words[i + 1]!) === words[i]) return true;
    return false;
  }

  #hasIpv6(address: Uint8Array): boolean {
    const words = this.#ipv6;
    for (let i = 0; i < words.length; i += 8) {
      let same = 0;
      while (same < 4 && (wordAt(address, same * 4) & words[i + same * 2 + 1]!) === words[i + same * 2]) same++;
      if (same === 4) return true;
    }
    return false;
  }
}

function wordsOf(prefixes: readonly Cidr[], size: 4 | 16): Int32Array {
  const words = prefixes
    .filter(({ bytes }) => bytes.length === size)
    .flatMap(({ bytes, bits }) =>
      Array.from({ length: size / 4 }, (_, i) => {
        const own = Math.min(32, Math.max(0, bits - i * 32));
        // A shift by 32 bits would be none.
        const mask = own === 0 ? 0 : -1 << (32 - own);
        return [wordAt(bytes, i * 4) & mask, mask];
      }).flat(),
    );
  return Int32Array.from(words);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
