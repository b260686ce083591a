// A list of prefixes that is asked, for each query perhaps, whether an address lies in one of them. Allocates nothing
// after construction.
import type { Cidr } from "./ip.ts";

export class AddressList {
  readonly #prefixes: readonly { readonly bytes: Uint8Array; readonly whole: number; readonly mask: number }[];

  constructor(prefixes: readonly Cidr[]) {
    this.#prefixes = prefixes.map(({ bytes, bits }) => ({
      bytes,
      whole: bits >> 3,
      mask: (0xff00 >> (bits & 7)) & 0xff,
    }));
  }

  /** Whether the address in the first `size` (4 or 16) bytes of `address` is in the list; no address (0) is not. */
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
