// Tells whether an address is in one of several prefixes. It runs for each query, so it allocates nothing after
// construction.
import type { Cidr } from "./ip.ts";

/** A list of prefixes. */
export class AddressList {
  readonly #prefixes: readonly { readonly bytes: Uint8Array; readonly whole: number; readonly mask: number }[];

  constructor(prefixes: readonly Cidr[]) {
    this.#prefixes = prefixes.map(({ bytes, bits }) => ({
      bytes,
      whole: bits >> 3,
      mask: (0xff00 >> (bits & 7)) & 0xff,
    }));
  }

  /** Whether the first `size` bytes of `address` are in the list: 4, 16, or 0 for no address, which is in no list. */
  has(address: Uint8Array, size: number): boolean {
    for (let i = 0; i < this.#prefixes.length; i++) {
      const { bytes, whole, mask } = this.#prefixes[i]!;
      if (bytes.length !== size) continue;
      let same = 0;
      while (same < whole && bytes[same] === address[same]) same++;
      if (same === whole && (mask === 0 || ((bytes[whole]! ^ address[whole]!) & mask) === 0)) return true;
    }
    return false;
  }
}
